import { EINTR } from '../errno.ts';
import { check } from '../errors.ts';
import * as libc from '../libc.ts';

const EPOLL_CLOEXEC = 0x80000;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLLIN = 1;
const EPOLLET = 1 << 31;

/** `struct epoll_event` is packed on x86 (u32, u64) and aligned elsewhere (u32, pad, u64). */
const PACKED = process.arch === 'x64' || process.arch === 'ia32';
const EVENT_LENGTH = PACKED ? 12 : 16;
const DATA_OFFSET = PACKED ? 4 : 8;
const WORD_LENGTH = 4;
const NS_PER_MS = 1_000_000;

const MAX_EVENTS = 64;
const FOREVER = -1;
const AT_ONCE = 0;

/**
 * An epoll instance that names its descriptors by numbers of the caller's choice. Waiting allocates
 * nothing.
 */
export class Epoll {
  readonly #fd = check(libc.epoll_create1(EPOLL_CLOEXEC), 'create', 'epoll');
  readonly #events = new Uint32Array((EVENT_LENGTH * MAX_EVENTS) / WORD_LENGTH);
  readonly #address = libc.addressOf(new Uint8Array(this.#events.buffer));

  /** Watches `fd` for something to read. @throws {KernelError} such as EBADF, EPERM for plain files */
  add(fd: number, handle: number): void {
    this.#add(fd, handle, EPOLLIN);
  }

  /** As `add`, but what is not read is told of once and not again until there is more (EPOLLET). */
  addEdge(fd: number, handle: number): void {
    this.#add(fd, handle, EPOLLIN | EPOLLET);
  }

  /** No longer watches `fd`, which is still open. @throws {KernelError} ENOENT where it was not watched */
  remove(fd: number): void {
    check(libc.epoll_ctl(this.#fd, EPOLL_CTL_DEL, fd, null), 'stop watching descriptor', fd);
  }

  /**
   * Blocks the thread until there is something to read, or for so long, in whole milliseconds rounded
   * up; returns how many descriptors there are that `handle` names.
   */
  wait(timeoutNs: number = Infinity): number {
    return this.#wait(timeoutNs === Infinity ? FOREVER : Math.ceil(timeoutNs / NS_PER_MS));
  }

  /** As `wait`, but returns at once. */
  poll(): number {
    return this.#wait(AT_ONCE);
  }

  /** Of the descriptors that the last `wait` or `poll` found, from 0 on, until the next. */
  handle(index: number): number {
    return this.#events[(index * EVENT_LENGTH + DATA_OFFSET) / WORD_LENGTH] as number;
  }

  close(): void {
    libc.close(this.#fd);
  }

  #add(fd: number, handle: number, events: number): void {
    const event = new DataView(new ArrayBuffer(EVENT_LENGTH));
    event.setUint32(0, events, true);
    event.setUint32(DATA_OFFSET, handle, true);
    const bytes = new Uint8Array(event.buffer);
    check(libc.epoll_ctl(this.#fd, EPOLL_CTL_ADD, fd, bytes), 'watch descriptor', fd);
  }

  #wait(timeoutMs: number): number {
    const count = libc.epoll_waitAt(this.#fd, this.#address, MAX_EVENTS, timeoutMs);
    return count === -EINTR ? 0 : check(count, 'wait', 'epoll');
  }
}
