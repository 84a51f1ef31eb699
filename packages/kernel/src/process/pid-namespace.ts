import { closeSync, openSync, writeSync } from 'node:fs';
import { check, checkFile } from '../errors.ts';
import * as libc from '../libc.ts';
import { type NamespaceInit, startInit } from './namespace-init.ts';

const CLONE_NEWPID = 0x20000000;
const OWN_NAMESPACE = '/proc/thread-self/ns/pid';

/**
 * A process-id namespace (pid_namespaces(7)) for programs that must not outlive this process. Whatever
 * starts in it, and all its descendants, is killed by the kernel together with the namespace's first
 * process, and that one ends with this process, also by `kill -9`, and with the thread that made it. The
 * programs see ids of their own: those of the namespace, while /proc has those of the host.
 */
export class PidNamespace {
  readonly #init: NamespaceInit;
  readonly #fd: number;
  #ended: Promise<unknown> | undefined;

  /** @throws {KernelError} EPERM without CAP_SYS_ADMIN; ENOSYS with a C library other than glibc */
  constructor() {
    this.#init = startInit(CLONE_NEWPID);
    const { path } = this;
    this.#fd = checkFile('open pid namespace', path, () => openSync(path, 'r'));
  }

  /** Where it can be opened. */
  get path(): string {
    return `/proc/${this.#init.pid}/ns/pid`;
  }

  /** Runs `action`; what it spawns starts inside. It must start no thread, hence no Worker. */
  run<T>(action: () => T): T {
    return startingIn(this.#fd, action);
  }

  /** Kills everything inside and waits until it is gone; a second call only waits. */
  async close(): Promise<void> {
    if (!this.#ended) {
      closeSync(this.#fd);
      this.#ended = this.#init.end();
    }
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/**
 * Runs `action`; what it spawns starts in the pid namespace of a descriptor. It must start no thread.
 * @throws {KernelError} EBADF, or EINVAL where the descriptor is of something else
 */
export function startingIn<T>(fd: number, action: () => T): T {
  const home = checkFile('open pid namespace', OWN_NAMESPACE, () => openSync(OWN_NAMESPACE, 'r'));
  try {
    check(libc.setns(fd, CLONE_NEWPID), 'enter pid namespace', fd);
    try {
      return action();
    } finally {
      goBack(home);
    }
  } finally {
    closeSync(home);
  }
}

/**
 * Lets all that this thread spawns from now on start in the pid namespace that a file leads to, which need
 * not be one that lets it come back. It can start no thread any more.
 * @throws {KernelError}
 */
export function startIn(path: string): void {
  const fd = checkFile('open pid namespace', path, () => openSync(path, 'r'));
  try {
    check(libc.setns(fd, CLONE_NEWPID), 'enter pid namespace', path);
  } finally {
    closeSync(fd);
  }
}

/** A thread whose children start elsewhere can start no thread any more: better no process. */
function goBack(home: number): void {
  const result = libc.setns(home, CLONE_NEWPID);
  if (result >= 0) return;
  writeSync(2, `cannot return to pid namespace: ${libc.strerror(-result)}\n`);
  libc.abort();
}
