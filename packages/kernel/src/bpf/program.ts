import { EAGAIN } from '../errno.ts';
import { KernelError } from '../errors.ts';
import * as libc from '../libc.ts';

// linux/bpf.h
const BPF_PROG_LOAD = 5;
const BPF_PROG_TYPE_SCHED_CLS = 3;

const LOAD_LENGTH = 64;
const NAME_OFFSET = 48;
/** BPF_OBJ_NAME_LEN, with its terminating NUL. */
const NAME_MAX_LENGTH = 15;
const LOG_LENGTH = 0x1_0000;
const INSTRUCTION_LENGTH = 8;
/** The verifier gives up when a signal comes (do_check in kernel/bpf/verifier.c), such as a profiler's. */
const ATTEMPTS = 100;

const ascii = new TextEncoder();
/** A licence that the kernel accepts for helpers which it gives to GPL programs only. */
const LICENSE = ascii.encode('Dual MIT/GPL\0');

/**
 * Loads a program for filters and actions of traffic control (BPF_PROG_TYPE_SCHED_CLS); returns its
 * descriptor, which the caller owns. What the program is attached to keeps it when that is closed.
 * `name` is shown by bpftool: at most 15 letters, digits, `_` and `.`. Needs CAP_BPF and
 * CAP_NET_ADMIN, or CAP_SYS_ADMIN.
 *
 * @throws {KernelError} EPERM; EINVAL or EACCES with the verifier's log as `kernelText`
 */
export function loadClassifier(name: string, instructions: Uint8Array): number {
  const fd = load(name, instructions, undefined);
  if (fd >= 0) return fd;
  const log = new Uint8Array(LOG_LENGTH);
  const second = load(name, instructions, log);
  if (second >= 0) return second;
  const kernelText = new TextDecoder().decode(log.subarray(0, log.indexOf(0))).trim();
  throw new KernelError({
    operation: 'load BPF program',
    target: name,
    errno: -second,
    kernelText: kernelText === '' ? undefined : kernelText,
  });
}

function load(name: string, instructions: Uint8Array, log: Uint8Array | undefined): number {
  const attributes = new Uint8Array(LOAD_LENGTH);
  const view = new DataView(attributes.buffer);
  view.setUint32(0, BPF_PROG_TYPE_SCHED_CLS, true);
  view.setUint32(4, instructions.length / INSTRUCTION_LENGTH, true);
  view.setBigUint64(8, BigInt(libc.addressOf(instructions)), true);
  view.setBigUint64(16, BigInt(libc.addressOf(LICENSE)), true);
  if (log) {
    view.setUint32(24, 1, true);
    view.setUint32(28, log.length, true);
    view.setBigUint64(32, BigInt(libc.addressOf(log)), true);
  }
  attributes.set(ascii.encode(name).subarray(0, NAME_MAX_LENGTH), NAME_OFFSET);
  let result = -EAGAIN;
  for (let attempt = 0; attempt < ATTEMPTS && result === -EAGAIN; attempt++) {
    result = libc.bpf(BPF_PROG_LOAD, attributes);
  }
  return result;
}
