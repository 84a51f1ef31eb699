import { check } from '../errors.ts';
import * as libc from '../libc.ts';

// linux/sched.h; SIGCHLD is what ends tell.
const CLONE_VM = 0x100;
const CLONE_VFORK = 0x4000;
const SIGCHLD = 17;
/** linux/fcntl.h */
const F_SETFD = 2;
/** What a shell says of a command that it cannot start. */
const CANNOT_EXECUTE = 126;

/** A program, and where it is to run. */
export interface ProgramInNamespaces {
  /** Descriptors of namespaces of any kind, in the order in which they are entered. */
  readonly enter: readonly number[];
  /** CLONE_NEW* flags of namespaces that are made after these. */
  readonly unshare?: number;
  readonly path: string;
  /** The name that the program is given first, and its arguments. */
  readonly argv: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
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
  const memory: Buffer[] = [];
  const path = Buffer.from(`${program.path}\0`);
  memory.push(path);
  const environment = Object.entries(program.environment).map(
    ([name, value]) => `${name}=${value}`,
  );
  const execve = [
    libc.addressOf(path),
    stringsAt(program.argv, memory),
    stringsAt(environment, memory),
  ];
  const { unshare = 0 } = program;
  const calls: libc.Call[] = [
    ...program.enter.map((fd): libc.Call => ({ name: 'setns', arguments: [fd, 0] })),
    ...(unshare === 0 ? [] : [{ name: 'unshare', arguments: [unshare] } satisfies libc.Call]),
    // node has its own standard streams closed at exec.
    ...[0, 1, 2].map((fd): libc.Call => ({ name: 'fcntl', arguments: [fd, F_SETFD, 0] })),
    { name: 'execve', arguments: execve },
    { name: '_exit', arguments: [CANNOT_EXECUTE] },
  ];
  const { pid } = libc.cloneAndCall(CLONE_VM | CLONE_VFORK | SIGCHLD, calls);
  // Until here nothing of it may be collected.
  memory.length = 0;
  return check(pid, 'start', program.path);
}

/** The address of an array of strings as C has it, ended by a null pointer, all of which go to `memory`. */
function stringsAt(strings: readonly string[], memory: Buffer[]): number {
  const table = Buffer.alloc(8 * (strings.length + 1));
  memory.push(table);
  for (const [index, text] of strings.entries()) {
    const bytes = Buffer.from(`${text}\0`);
    memory.push(bytes);
    table.writeBigUInt64LE(BigInt(libc.addressOf(bytes)), 8 * index);
  }
  return libc.addressOf(table);
}
