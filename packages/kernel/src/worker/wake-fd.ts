import { check } from '../errors.ts';
import * as libc from '../libc.ts';

const EFD_NONBLOCK = 0x800;
const EFD_CLOEXEC = 0x80000;
const ONE = new Uint8Array(BigUint64Array.of(1n).buffer);

/** An eventfd by which one thread wakes another that waits in epoll for `fd`. */
export class WakeFd {
  readonly fd: number;

  /** A new one, or the one that another thread made. @throws {KernelError} EMFILE */
  constructor(
    fd: number = check(libc.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), 'create', 'eventfd'),
  ) {
    this.fd = fd;
  }

  wake(): void {
    libc.write(this.fd, ONE);
  }

  /** Takes note of having been woken. */
  clear(): void {
    libc.read(this.fd, new Uint8Array(8));
  }

  close(): void {
    libc.close(this.fd);
  }
}
