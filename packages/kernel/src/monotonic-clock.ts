import { check } from './errors.ts';
import * as libc from './libc.ts';

const CLOCK_MONOTONIC = 1;
const NS_PER_SECOND = 1_000_000_000;

/** `struct timespec`, two members of 64 bits. */
const timespec = new Uint32Array(4);
const address = libc.addressOf(new Uint8Array(timespec.buffer));

/**
 * The time of CLOCK_MONOTONIC in nanoseconds: the clock of bpf_ktime_get_ns, TimerFd and
 * `process.hrtime.bigint`, exact to the nanosecond until the host has been up for 104 days and to two
 * from then on. It costs as little as `performance.now` does, whose origin is not exactly known, and
 * makes no objects as `process.hrtime` does.
 */
export function monotonicNs(): number {
  check(libc.clock_gettimeAt(CLOCK_MONOTONIC, address), 'read', 'CLOCK_MONOTONIC');
  return (timespec[0] ?? 0) * NS_PER_SECOND + (timespec[2] ?? 0);
}
