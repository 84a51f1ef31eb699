import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { EINVAL } from '../errno.ts';
import { check, checkFile, KernelError } from '../errors.ts';
import * as libc from '../libc.ts';
import { NetlinkSocket, type NetlinkSocketOptions } from '../netlink/socket.ts';
import { SOCK_CLOEXEC } from '../netlink/socket-options.ts';
import { checkName, NETNS_DIRECTORY } from './name.ts';
import {
  CLONE_NEWNET,
  openThreadNamespace,
  type Place,
  placeOf,
  runIn,
  runInNew,
} from './thread.ts';

const NS_GET_NSTYPE = 0xb703;

/** What an action may return that runs inside a namespace: anything but a promise. */
export type Synchronous<T> = T extends PromiseLike<unknown> ? never : T;

/**
 * A network namespace, held open. It lives at least until `close`, and longer while it has a name, a
 * process, or a socket that was made inside.
 */
export class NetworkNamespace {
  readonly #place: Place;
  #identity: Identity | undefined;
  #entered = 0;
  #open = true;

  private constructor(fd: number) {
    this.#place = placeOf(fd);
  }

  /** The namespace that the calling thread is in. */
  static current(): NetworkNamespace {
    return new NetworkNamespace(openThreadNamespace());
  }

  /**
   * The namespace that `ip netns` calls `name`.
   * @throws {NamespaceNameError} for what cannot be a name
   * @throws {KernelError} ENOENT where there is none, EINVAL where the file is no network namespace
   */
  static openNamed(name: string): NetworkNamespace {
    return NetworkNamespace.openPath(join(NETNS_DIRECTORY, checkName(name)));
  }

  /**
   * The namespace that a file leads to, such as one below /run/docker/netns.
   * @throws {KernelError} ENOENT, EACCES, or EINVAL where the file is no network namespace
   */
  static openPath(path: string): NetworkNamespace {
    const operation = 'open network namespace';
    const fd = checkFile(operation, path, () => openSync(path, 'r'));
    if (libc.ioctl(fd, NS_GET_NSTYPE, null) === CLONE_NEWNET) return new NetworkNamespace(fd);
    closeSync(fd);
    throw new KernelError({ operation, target: path, errno: EINVAL });
  }

  /** The namespace of a process. @throws {KernelError} ENOENT where there is no such process */
  static openPid(pid: number): NetworkNamespace {
    return NetworkNamespace.openPath(`/proc/${pid}/ns/net`);
  }

  /** A new namespace without a name, which dies with this process at the latest. */
  static anonymous(): NetworkNamespace {
    return runInNew(() => NetworkNamespace.current());
  }

  /** A descriptor of the namespace, for IFLA_NET_NS_FD; it stays the namespace's own. */
  get fd(): number {
    return this.#open ? this.#place.fd : -1;
  }

  /** Device and inode as text; the kernel gives them to another namespace once this one is dead. */
  get key(): string {
    return this.#place.key;
  }

  /** Device and inode. */
  get identity(): Identity {
    this.#identity ??= identityOf(this.key);
    return this.#identity;
  }

  /**
   * Runs `action` with the calling thread inside. What it opens there stays inside for good; what it
   * leaves to other threads (promises of node:fs, dns.lookup) happens outside, so that a promise is
   * refused. Aborts the process in case the thread cannot return.
   * @throws {TypeError} where `action` returns a promise
   * @throws {KernelError} where the namespace cannot be entered
   */
  run<T>(action: () => Synchronous<T>): T {
    this.#entered++;
    try {
      return refusePromise(runIn({ fd: this.fd, key: this.key }, action));
    } finally {
      this.#entered--;
    }
  }

  /** A netlink socket inside. */
  netlink(options: NetlinkSocketOptions = {}): NetlinkSocket {
    return this.run<NetlinkSocket>(() => new NetlinkSocket(options));
  }

  /**
   * A socket inside, as a descriptor for `net.Server.listen`, `net.Socket` or `dgram.Socket.bind`. The
   * caller owns it. `type` may hold SOCK_NONBLOCK.
   */
  socket(domain: number, type: number, protocol = 0): number {
    const fd = this.run(() => libc.socket(domain, type | SOCK_CLOEXEC, protocol));
    return check(fd, 'open socket', `network namespace ${this.key}`);
  }

  /** Starts a program inside, as `child_process.spawn` does. */
  spawn(command: string, args: readonly string[] = [], options: SpawnOptions = {}): ChildProcess {
    return this.run<ChildProcess>(() => spawn(command, args, options));
  }

  /**
   * Lets go of the namespace; a second call does nothing.
   * @throws {Error} while `run` is under way, whose way back may lead through here
   */
  close(): void {
    if (!this.#open) return;
    if (this.#entered > 0) throw new Error(`network namespace ${this.key} is closed while in use`);
    this.#open = false;
    closeSync(this.#place.fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

interface Identity {
  readonly dev: number;
  readonly ino: number;
}

function identityOf(key: string): Identity {
  const [dev = 0, ino = 0] = key.split(':').map(Number);
  return { dev, ino };
}

function refusePromise<T>(result: T): T {
  if (typeof result === 'object' && result !== null && 'then' in result) {
    throw new TypeError('what runs inside a network namespace must not return a promise');
  }
  return result;
}
