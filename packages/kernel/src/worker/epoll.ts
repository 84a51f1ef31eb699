import { EINTR } from '../errno.ts';
import { check } from '../errors.ts';
import * as libc from '../libc.ts';

const EPOLL_CLOEXEC = 0x80000;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 1;

/** `struct epoll_event` is packed on x86 (u32, u64) and aligned elsewhere (u32, pad, u64). */
const PACKED = process.arch === 'x64' || process.arch === 'ia32';
const EVENT_LENGTH = PACKED ? 12 : 16;
const DATA_OFFSET = PACKED ? 4 : 8;

const MAX_EVENTS = 64;
const FOREVER = -1;

/** An epoll instance that names its descriptors by numbers of the caller's choice. */
export class Epoll {
  readonly #fd = check(libc.epoll_create1(EPOLL_CLOEXEC), 'create', 'epoll');
  readonly #events = new Uint8Array(EVENT_LENGTH * MAX_EVENTS);
  readonly #view = new DataView(this.#events.buffer);

  /** Watches `fd` for something to read. @throws {KernelError} such as EBADF, EPERM for plain files */
  add(fd: number, handle: number): void {
    const event = new DataView(new ArrayBuffer(EVENT_LENGTH));
    event.setUint32(0, EPOLLIN, true);
    event.setUint32(DATA_OFFSET, handle, true);
    const bytes = new Uint8Array(event.buffer);
    check(libc.epoll_ctl(this.#fd, EPOLL_CTL_ADD, fd, bytes), 'watch descriptor', fd);
  }

  /** Blocks the thread until there is something to read; returns the handles where there is. */
  wait(): number[] {
    const count = libc.epoll_wait(this.#fd, this.#events, MAX_EVENTS, FOREVER);
    if (count === -EINTR) return [];
    check(count, 'wait', 'epoll');
    return Array.from({ length: count }, (_, index) =>
      this.#view.getUint32(index * EVENT_LENGTH + DATA_OFFSET, true),
    );
  }

  close(): void {
    libc.close(this.#fd);
  }
}
