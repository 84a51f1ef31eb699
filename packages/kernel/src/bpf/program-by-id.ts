import { check } from '../errors.ts';
import * as libc from '../libc.ts';

// linux/bpf.h
const BPF_PROG_GET_FD_BY_ID = 13;
/** Number, next number, flags. */
const ATTRIBUTES_LENGTH = 12;

/**
 * A descriptor of a program that is loaded, by the number that the kernel gave it, which the caller owns.
 * Needs CAP_SYS_ADMIN. @throws {KernelError} ENOENT where it is not loaded any more, EPERM
 */
export function openProgram(id: number): number {
  const attributes = new Uint8Array(ATTRIBUTES_LENGTH);
  new DataView(attributes.buffer).setUint32(0, id, true);
  return check(libc.bpf(BPF_PROG_GET_FD_BY_ID, attributes), 'open', `BPF program ${id}`);
}
