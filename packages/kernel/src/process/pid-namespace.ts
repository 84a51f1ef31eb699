import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { check, checkFile, KernelError } from '../errors.ts';
import * as libc from '../libc.ts';

const CLONE_NEWPID = 0x20000000;
const OWN_NAMESPACE = '/proc/thread-self/ns/pid';
const ENOENT = 2;

/** Ends at the end of its input, which comes when this process ends, however it ends. */
const INIT_PROGRAM = 'cat';

/**
 * A process-id namespace (pid_namespaces(7)) for programs that must not outlive this process. Whatever
 * starts in it, and all its descendants, is killed by the kernel together with the namespace's first
 * process, and that one ends with this process, also by `kill -9`. The programs see ids of their own:
 * those of the namespace, while /proc has those of the host.
 */
export class PidNamespace {
  readonly #init: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #fd: number;
  #open = true;

  /** @throws {KernelError} EPERM without CAP_SYS_ADMIN; ENOENT where `cat` is not in PATH */
  constructor() {
    this.#init = withHome((home) => {
      check(libc.unshare(CLONE_NEWPID), 'create pid namespace', 'children');
      try {
        return spawn(INIT_PROGRAM, [], { cwd: '/', stdio: ['pipe', 'ignore', 'ignore'] });
      } finally {
        goBack(home);
      }
    });
    // Listened to at once: without a listener, a program that is missing would end this process.
    this.#ended = once(this.#init, 'exit').catch(() => undefined);
    const { pid } = this.#init;
    if (pid === undefined) {
      throw new KernelError({
        operation: 'start first process of pid namespace',
        target: INIT_PROGRAM,
        errno: ENOENT,
      });
    }
    const path = `/proc/${pid}/ns/pid`;
    this.#fd = checkFile('open pid namespace', path, () => openSync(path, 'r'));
    this.#keepProcessAlive(false);
  }

  /** Runs `action`; what it spawns starts inside. It must start no thread, hence no Worker. */
  run<T>(action: () => T): T {
    return withHome((home) => {
      check(libc.setns(this.#fd, CLONE_NEWPID), 'enter pid namespace', `process ${this.#init.pid}`);
      try {
        return action();
      } finally {
        goBack(home);
      }
    });
  }

  /** Kills everything inside and waits until it is gone; a second call only waits. */
  async close(): Promise<void> {
    if (this.#open) {
      this.#open = false;
      closeSync(this.#fd);
      this.#keepProcessAlive(true);
      this.#init.kill('SIGKILL');
    }
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #keepProcessAlive(keep: boolean): void {
    const { stdin } = this.#init;
    if (keep) this.#init.ref();
    else this.#init.unref();
    if (stdin instanceof Socket) keep ? stdin.ref() : stdin.unref();
  }
}

function withHome<T>(action: (home: number) => T): T {
  const home = checkFile('open pid namespace', OWN_NAMESPACE, () => openSync(OWN_NAMESPACE, 'r'));
  try {
    return action(home);
  } finally {
    closeSync(home);
  }
}

/** A thread whose children start elsewhere can start no thread any more: better no process. */
function goBack(home: number): void {
  const result = libc.setns(home, CLONE_NEWPID);
  if (result >= 0) return;
  writeSync(2, `cannot return to pid namespace: ${libc.strerror(-result)}\n`);
  libc.abort();
}
