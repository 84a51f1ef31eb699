import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { NetweirError } from '@netweir/api';
import {
  execInNamespaces,
  NetworkNamespace,
  type ProgramInNamespaces,
  passOn,
  runInMounts,
  waitForExit,
} from '@netweir/kernel';
import { type Enterable, openSpace, processOf } from './open-space.ts';

/** A command line: what to start, and its arguments. */
export type CommandLine = readonly [string, ...string[]];

/** The namespaces that a process must be in, by their inodes. */
export interface Entered {
  readonly user: number;
  readonly net: number;
}

/** What a program has of its own beside a network namespace. */
export interface ProgramContext {
  /** Beside what this process has. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A file that leads to its mount namespace. */
  readonly mounts?: string;
}

/** As shells have it. */
const NOT_FOUND = 127;
const CANNOT_EXECUTE = 126;

/**
 * Runs a program in a space's network namespace, and in nothing else of it, with this process's standard
 * streams; signals are passed on. Resolves with its exit code, 128 and the number where a signal ended it.
 *
 * @throws NetweirError `space-vanished`
 * @throws {KernelError}
 */
export async function runInSpace(
  space: Enterable,
  command: CommandLine,
  more: ProgramContext = {},
): Promise<number> {
  const namespace = openSpace(space);
  try {
    return await runInside(namespace, command, more);
  } finally {
    namespace.close();
  }
}

/**
 * Runs a program in the user namespace of a space's first process, too. Only a process of one thread can
 * enter that: `launcher` is started there, and calls `runEntered`. What it is told is appended to it.
 *
 * @throws NetweirError `space-vanished`, `invalid-target` where only a name leads to the space
 * @throws {KernelError} ENOSYS with a C library other than glibc
 */
export async function runInUserNamespace(
  space: Enterable,
  launcher: (entered: Entered) => CommandLine,
): Promise<number> {
  const pid = processOf(space);
  if (pid === undefined) {
    throw new NetweirError(
      'invalid-target',
      `${space.id} has no process whose user namespace it is`,
      {
        remedy: 'Leave out --userns.',
      },
    );
  }
  using namespace = openSpace(space);
  const user = openSync(`/proc/${pid}/ns/user`, 'r');
  try {
    const entered = { user: statSync(`/proc/${pid}/ns/user`).ino, net: space.inode };
    const argv = launcher(entered);
    return await launch({
      enter: [user, namespace.fd],
      path: argv[0],
      argv,
      environment: environment(),
    });
  } finally {
    closeSync(user);
  }
}

/**
 * Runs a program where this process already is.
 *
 * @throws NetweirError `not-permitted` where it is not in the namespaces that it was to enter
 */
export async function runEntered(expected: Entered, command: CommandLine): Promise<number> {
  const isIn = (kind: 'user' | 'net'): boolean =>
    statSync(`/proc/self/ns/${kind}`).ino === expected[kind];
  if (!isIn('user') || !isIn('net')) {
    throw new NetweirError('not-permitted', 'the user namespace could not be entered', {
      remedy: 'Run netweir as root, or as the user whose containers these are.',
    });
  }
  using here = NetworkNamespace.current();
  return await runInside(here, command);
}

/** Starts a program in namespaces that node cannot enter, and waits for its end. @throws {KernelError} */
export async function launch(program: ProgramInNamespaces): Promise<number> {
  let pid: number | undefined;
  // Before the program is there: what it does first may be to send one.
  const stop = passOn((signal, has) => has || (pid !== undefined && process.kill(pid, signal)));
  try {
    pid = execInNamespaces(program);
    const end = await waitForExit(pid);
    return 'code' in end ? end.code : 128 + end.signal;
  } finally {
    stop();
  }
}

/** Starts it in a network namespace, with what else it is to have of its own, and waits for its end. */
export async function runInside(
  namespace: NetworkNamespace,
  command: CommandLine,
  { environment: more, mounts }: ProgramContext = {},
): Promise<number> {
  const [program, ...args] = command;
  const env = { ...process.env, ...more };
  const spawn = (): ChildProcess => namespace.spawn(program, args, { stdio: 'inherit', env });
  // What mounts it is given may show no processes but its own, by which namespaces are found.
  const start = (): ChildProcess =>
    namespace.run<ChildProcess>(() =>
      mounts === undefined ? spawn() : runInMounts(mounts, spawn),
    );
  let child: ChildProcess | undefined;
  // Before the program is there: what it does first may be to send one.
  const stop = passOn((signal, has) => has || child?.kill(signal));
  try {
    child = start();
    return await exitCode(child, program);
  } finally {
    stop();
  }
}

async function exitCode(child: ChildProcess, program: string): Promise<number> {
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + constants.signals[signal ?? 'SIGKILL'];
  } catch (cause) {
    throw new ProgramNotStarted(program, cause);
  }
}

/** The exit codes of shells for it, which scripts tell from those of the program. */
export class ProgramNotStarted extends Error {
  readonly exitCode: number;

  constructor(program: string, cause: unknown) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    super(`cannot start ${program}: ${code}`, { cause });
    this.exitCode = code === 'ENOENT' ? NOT_FOUND : CANNOT_EXECUTE;
  }
}

/** This process's environment. */
export function environment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}
