import type { BitsPerSecond, ExactDirection } from '@netweir/api';
import { rateSpec, type Tbf } from '@netweir/kernel';

/** The bucket must hold the largest packet, or that packet never passes: MTU and Ethernet header. */
const MIN_BURST_BYTES = 2000;
/** The kernel wakes up for a token bucket often enough for four milliseconds' worth of tokens. */
const BURSTS_PER_SECOND = 250;
/** How long a packet may wait before the queue is full: tc's own examples use 50 ms to 400 ms. */
const QUEUE_SECONDS = 0.4;
/** The packet scheduler's clock tick. */
const TICK_NS = 64;
/** Both lengths are u32. */
const MAX_BYTES = 0xffff_ffff;

/** Whether a token bucket alone can do what is wanted: a rate and nothing else. */
export function isRateOnly(wanted: ExactDirection): boolean {
  const { delay, loss, duplicate, corrupt, reorder, rate, slot, limitPackets, seed } = wanted;
  const plain = rate?.packetOverheadBytes === 0 && rate.cellBytes === 0;
  return (
    plain && !(delay || loss || duplicate || corrupt || reorder || slot || limitPackets || seed)
  );
}

/** A token bucket for a rate, its bucket and queue derived from it. */
export function tbfOf(bitPerSec: BitsPerSecond, mtu: number): Tbf {
  const bytesPerSecond = Math.floor(bitPerSec / 8);
  const burstBytes = Math.min(
    Math.max(MIN_BURST_BYTES, mtu + 100, Math.ceil(bytesPerSecond / BURSTS_PER_SECOND)),
    MAX_BYTES,
  );
  const queueBytes = Math.max(Math.ceil(bytesPerSecond * QUEUE_SECONDS), 10 * (mtu + 100));
  return {
    kind: 'tbf',
    rate: rateSpec(bytesPerSecond),
    burstBytes,
    limitBytes: Math.min(burstBytes + queueBytes, MAX_BYTES),
  };
}

export function directionOfTbf(tbf: Tbf): ExactDirection {
  return {
    rate: {
      bitPerSec: (tbf.rate.bytesPerSecond * 8) as BitsPerSecond,
      packetOverheadBytes: 0,
      cellBytes: 0,
      cellOverheadBytes: 0,
    },
    ecn: false,
  };
}

/**
 * Whether a bucket read back is the one sent: the kernel keeps it as a time in steps of 64 ns, and shows
 * what a u32 holds of them, so that of a bucket for more than 274 s it shows the remainder
 * (net/sched/sch_tbf.c, tbf_dump).
 */
export function isSameTbf(found: Tbf, sent: Tbf): boolean {
  const { bytesPerSecond } = sent.rate;
  const step = Math.ceil((bytesPerSecond * 2 * TICK_NS) / 1_000_000_000) + 1;
  const shownUpTo = (bytesPerSecond * 2 ** 32 * TICK_NS) / 1_000_000_000;
  const difference = Math.abs(found.burstBytes - sent.burstBytes) % shownUpTo;
  return (
    found.rate.bytesPerSecond === bytesPerSecond &&
    found.limitBytes === sent.limitBytes &&
    Math.min(difference, shownUpTo - difference) <= step
  );
}
