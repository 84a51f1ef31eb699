import { closeSync } from 'node:fs';
import { check, KernelError } from '../errors.ts';
import * as libc from '../libc.ts';
import { type Call, cloneAndCall } from './clone-and-call.ts';
import type { ExitStatus } from './exit-status.ts';
import { waitForExit } from './wait-for-exit.ts';

// linux/sched.h, linux/signal.h, linux/prctl.h
const CLONE_VM = 0x100;
const SIGCHLD = 17;
const SIG_IGN = 1;
const SIGKILL = 9;
const PR_SET_PDEATHSIG = 1;
const PR_SET_NAME = 15;
const LAST_FD = 0xffff_ffff;
/** linux/close_range.h; the number is the same everywhere. */
const SYS_CLOSE_RANGE = 436;

/** What `ps` shows in its column `comm`; at most 15 bytes. */
const NAME = Buffer.from('netweir-init\0');
const ROOT = Buffer.from('/\0');

interface Numbers {
  readonly read: number;
  readonly chdir: number;
  readonly setsid: number;
  readonly prctl: number;
  readonly exitGroup: number;
}

/** asm/unistd_64.h of x86, and asm-generic/unistd.h. */
const X64: Numbers = { read: 0, chdir: 80, setsid: 112, prctl: 157, exitGroup: 231 };
const GENERIC: Numbers = { read: 63, chdir: 49, setsid: 157, prctl: 167, exitGroup: 94 };

/** What an init runs on, until it has ended. */
const memoryOf = new Map<number, unknown>();

/** The first process of a namespace, without a program. */
export interface NamespaceInit {
  /** As this process sees it. */
  readonly pid: number;
  /** Kills it, and resolves when it is gone. To be called once. */
  end(): Promise<ExitStatus>;
}

/**
 * Starts a process in new namespaces that does nothing: it has no program, no descriptor, no memory and
 * no signals of its own, and takes in what is left orphaned in its pid namespace. It ends with the calling
 * thread or this process, however that ends: the first by PR_SET_PDEATHSIG, the second, which may come
 * before that call, by the end of a pipe.
 *
 * @param flags CLONE_NEW*
 * @throws {KernelError} EPERM without CAP_SYS_ADMIN; ENOSYS with a C library other than glibc
 */
export function startInit(flags: number): NamespaceInit {
  const life = libc.pipe();
  if (typeof life === 'number') {
    throw new KernelError({ operation: 'open pipe', target: 'init', errno: -life });
  }
  const { pid, memory } = libc.withSignalsBlocked(() =>
    cloneAndCall(flags | CLONE_VM | SIGCHLD, callsOfInit(life.read)),
  );
  closeSync(life.read);
  if (pid < 0) closeSync(life.write);
  check(pid, 'start first process', 'new namespaces');
  memoryOf.set(pid, memory);
  const end = async (): Promise<ExitStatus> => {
    process.kill(pid, SIGKILL);
    closeSync(life.write);
    const status = await waitForExit(pid);
    memoryOf.delete(pid);
    return status;
  };
  return { pid, end };
}

/**
 * System calls alone, for functions of the C library may touch what belongs to the thread that they share
 * the memory with. The byte to read never comes.
 */
function callsOfInit(life: number): Call[] {
  const { read, chdir, setsid, prctl, exitGroup } = process.arch === 'x64' ? X64 : GENERIC;
  const name = libc.addressOf(NAME);
  const calls = [
    [prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0],
    [prctl, PR_SET_NAME, name, 0, 0, 0],
    [setsid],
    [chdir, libc.addressOf(ROOT)],
    [SYS_CLOSE_RANGE, 0, life - 1, 0],
    [SYS_CLOSE_RANGE, life + 1, LAST_FD, 0],
    [read, life, name, 1],
    [exitGroup, 0],
  ];
  return [
    { name: 'signal', arguments: [SIGCHLD, SIG_IGN] },
    ...calls.map((numbers): Call => ({ name: 'syscall', arguments: numbers })),
  ];
}
