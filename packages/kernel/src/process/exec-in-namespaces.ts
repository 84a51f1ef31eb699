import { check } from '../errors.ts';
import * as libc from '../libc.ts';
import { type Call, cloneAndCall } from './clone-and-call.ts';

// linux/sched.h; SIGCHLD is what ends tell.
const CLONE_VM = 0x100;
const CLONE_VFORK = 0x4000;
const SIGCHLD = 17;
/** linux/fcntl.h */
const F_SETFD = 2;
/** What a shell says of a command that it cannot start. */
const CANNOT_EXECUTE = 126;

/** What is to run. */
export interface Program {
  readonly path: string;
  /** The name that the program is given first, and its arguments. */
  readonly argv: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
}

/** A program, and where it is to run. */
export interface ProgramInNamespaces extends Program {
  /** Descriptors of namespaces of any kind, in the order in which they are entered. */
  readonly enter: readonly number[];
  /** CLONE_NEW* flags of namespaces that are made after these. */
  readonly unshare?: number;
}

/**
 * Starts a program in namespaces that only a process of one thread may enter, which node is not: user
 * and mount namespaces. It has this process's standard streams. Where a namespace cannot be entered the
 * program runs outside all the same: what is started must look where it is before it does anything.
 *
 * @returns the number of the process, for `waitForExit`
 * @throws {KernelError} ENOSYS with a C library other than glibc
 */
export function execInNamespaces(program: ProgramInNamespaces): number {
  const { enter, unshare = 0 } = program;
  return execAfter(program, 0, () => [
    ...enter.map((fd): Call => ({ name: 'setns', arguments: [fd, 0] })),
    ...(unshare === 0 ? [] : [{ name: 'unshare', arguments: [unshare] } satisfies Call]),
  ]);
}

/**
 * Starts a program in a process that is cloned with `flags` (CLONE_NEW*) and makes the calls of `before`
 * first, which may hold the addresses that `string` gives.
 */
export function execAfter(
  program: Program,
  flags: number,
  before: (string: (text: string) => number) => readonly Call[],
): number {
  const memory: Buffer[] = [];
  const string = (text: string): number => stringAt(text, memory);
  const environment = Object.entries(program.environment).map(
    ([name, value]) => `${name}=${value}`,
  );
  const execve = [
    string(program.path),
    stringsAt(program.argv, memory),
    stringsAt(environment, memory),
  ];
  const calls: Call[] = [
    ...before(string),
    // node has its own standard streams closed at exec.
    ...[0, 1, 2].map((fd): Call => ({ name: 'fcntl', arguments: [fd, F_SETFD, 0] })),
    { name: 'execve', arguments: execve },
    { name: '_exit', arguments: [CANNOT_EXECUTE] },
  ];
  const { pid } = cloneAndCall(flags | CLONE_VM | CLONE_VFORK | SIGCHLD, calls);
  // Until here nothing of it may be collected.
  memory.length = 0;
  return check(pid, 'start', program.path);
}

/** The address of a string as C has it, which goes to `memory`. */
function stringAt(text: string, memory: Buffer[]): number {
  const bytes = Buffer.from(`${text}\0`);
  memory.push(bytes);
  return libc.addressOf(bytes);
}

/** The address of an array of strings as C has it, ended by a null pointer, all of which go to `memory`. */
function stringsAt(strings: readonly string[], memory: Buffer[]): number {
  const table = Buffer.alloc(8 * (strings.length + 1));
  memory.push(table);
  for (const [index, text] of strings.entries()) {
    table.writeBigUInt64LE(BigInt(stringAt(text, memory)), 8 * index);
  }
  return libc.addressOf(table);
}
