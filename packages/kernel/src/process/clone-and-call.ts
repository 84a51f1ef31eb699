import { addressOf, clone, dlsym, getcontext, makecontext } from '../libc.ts';

/** One call of a function of the C library, by its name, with whole numbers or addresses. */
export interface Call {
  readonly name:
    | '_exit'
    | 'close'
    | 'dup3'
    | 'execve'
    | 'fcntl'
    | 'mount'
    | 'open'
    | 'prctl'
    | 'setns'
    | 'signal'
    | 'syscall'
    | 'unshare'
    | 'write';
  readonly arguments: readonly number[];
}

/** A process that makes calls, and the memory that it needs as long as it makes them. */
export interface CallingProcess {
  /** Or a negated error number. */
  readonly pid: number;
  readonly memory: unknown;
}

// ucontext.h of glibc: flags, link, then the stack's address, flags and size; the rest is opaque.
const UCONTEXT_LENGTH = 8192;
const UC_LINK = 8;
const UC_STACK_ADDRESS = 16;
const UC_STACK_LENGTH = 32;
const STACK_LENGTH = 16_384;
const STACK_ALIGNMENT = 64;
const ENOSYS = 38;

/**
 * Starts a process of one thread that makes `calls` in turn, whatever each of them returns; the last must
 * not return. No JavaScript runs in it, and with CLONE_VM in `flags` its memory is this one's: each call
 * is a context of its own, linked to the next one (makecontext). It shares the calling thread's local
 * variables, so that with CLONE_VM and without CLONE_VFORK, which makes the thread wait, the calls should
 * be `syscall` and should not fail. -ENOSYS with a C library that has no contexts, such as musl.
 */
export function cloneAndCall(flags: number, calls: readonly Call[]): CallingProcess {
  if (dlsym('makecontext') === 0) return { pid: -ENOSYS, memory: undefined };
  const memory = Buffer.alloc((calls.length + 1) * (UCONTEXT_LENGTH + STACK_LENGTH));
  let used = 0;
  const allocate = (length: number): Buffer => {
    const start = used;
    used += length;
    return memory.subarray(start, used);
  };
  const first = calls.reduceRight((link, call) => contextOf(call, link, allocate), 0);
  const stack = allocate(STACK_LENGTH);
  const top = addressOf(stack) + STACK_LENGTH - STACK_ALIGNMENT;
  const aligned = top - (top % STACK_ALIGNMENT);
  const pid = clone(dlsym('setcontext'), aligned, flags, first);
  return { pid, memory };
}

/** The address of a context that makes a call and goes on with `link`. */
function contextOf(call: Call, link: number, allocate: (length: number) => Buffer): number {
  const context = allocate(UCONTEXT_LENGTH);
  const stack = allocate(STACK_LENGTH);
  getcontext(context);
  context.writeBigUInt64LE(BigInt(link), UC_LINK);
  context.writeBigUInt64LE(BigInt(addressOf(stack)), UC_STACK_ADDRESS);
  context.writeBigUInt64LE(BigInt(STACK_LENGTH), UC_STACK_LENGTH);
  makecontext(context, dlsym(call.name), call.arguments);
  return addressOf(context);
}
