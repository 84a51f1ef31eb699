import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { CLONE_NEWNET } from '../netns/thread.ts';
import type { Call } from './clone-and-call.ts';
import { execAfter, type Program } from './exec-in-namespaces.ts';
import type { ExitStatus } from './exit-status.ts';
import { passOn } from './signals.ts';
import { waitForExit } from './wait-for-exit.ts';

// linux/sched.h
const CLONE_NEWNS = 0x20000;
const CLONE_NEWUSER = 0x10000000;
const CLONE_NEWPID = 0x20000000;
/** linux/prctl.h */
const PR_SET_PDEATHSIG = 1;
// fcntl.h, linux/fcntl.h
const F_SETFD = 2;
const O_WRONLY = 1;
const O_CLOEXEC = 0o2000000;
/** A descriptor of the new process, which has no use for what it was in this one. */
const SAVED_STDIN = 3;

/**
 * Runs a program as the root of a new user namespace in which this user is root and nobody else is there
 * (user_namespaces(7)), with network, mount and process-id namespaces of its own, which are that root's:
 * it may make, enter and leave network namespaces, and change them. Its standard streams are this
 * process's, and signals are passed on to it. What it starts ends with it, and it ends with this
 * process. Where the system refuses some of it the program runs all the same: it must look what it
 * may do. It has the descriptors of `keep` too, by their numbers, which stay this process's own.
 *
 * @throws {KernelError} EPERM, ENOSPC or EUSERS where there may be no (more) user namespaces; ENOSYS with
 * a C library other than glibc
 */
export async function runAsRoot(
  program: Program,
  keep: readonly number[] = [],
): Promise<ExitStatus> {
  let pid: number | undefined;
  let endedBy: number | undefined;
  // Before the program is there: what it does first may be to send one.
  const stop = passOn((signal, has) => {
    if (pid === undefined) return;
    const number = constants.signals[signal];
    // The first process of a namespace is spared what it has no handler for, which would end others.
    if (isCaught(pid, number)) return has || process.kill(pid, signal);
    if (signal === 'SIGWINCH') return;
    endedBy ??= number;
    process.kill(pid, 'SIGKILL');
  });
  try {
    pid = execAsRoot(program, keep);
    const status = await waitForExit(pid);
    return endedBy === undefined ? status : { signal: endedBy };
  } finally {
    stop();
  }
}

function execAsRoot(program: Program, keep: readonly number[]): number {
  const { uid, gid } = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
  const flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET;
  return execAfter(program, flags, (string) => [
    { name: 'prctl', arguments: [PR_SET_PDEATHSIG, constants.signals.SIGKILL] },
    // What is opened next is descriptor 0 then, which the calls behind it have to know.
    { name: 'dup3', arguments: [0, SAVED_STDIN, O_CLOEXEC] },
    ...writing('/proc/self/setgroups', 'deny', string),
    ...writing('/proc/self/uid_map', `0 ${uid} 1`, string),
    ...writing('/proc/self/gid_map', `0 ${gid} 1`, string),
    { name: 'dup3', arguments: [SAVED_STDIN, 0, 0] },
    { name: 'mount', arguments: [string('proc'), string('/proc'), string('proc'), 0, 0] },
    ...keep.map((fd): Call => ({ name: 'fcntl', arguments: [fd, F_SETFD, 0] })),
  ]);
}

function writing(path: string, text: string, string: (text: string) => number): Call[] {
  return [
    { name: 'close', arguments: [0] },
    { name: 'open', arguments: [string(path), O_WRONLY] },
    { name: 'write', arguments: [0, string(text), text.length] },
  ];
}

/** Whether a process has a handler for a signal, or ignores it by its own wish (proc(5), SigCgt, SigIgn). */
function isCaught(pid: number, signal: number): boolean {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const masks = ['SigCgt', 'SigIgn'].map((name) => {
    const [, mask = '0'] = new RegExp(`^${name}:\\s*([0-9a-f]+)$`, 'mu').exec(status) ?? [];
    return BigInt(`0x${mask}`);
  });
  return masks.some((mask) => (mask >> BigInt(signal - 1)) & 1n);
}
