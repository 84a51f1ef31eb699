import { EAGAIN } from './errno.ts';
import { check } from './errors.ts';
import * as libc from './libc.ts';

const CLOCK_MONOTONIC = 1;
const TFD_NONBLOCK = 0x800;
const TFD_CLOEXEC = 0x80000;
const TFD_TIMER_ABSTIME = 1;

const NS_PER_SECOND = 1_000_000_000;
/** `struct itimerspec`: interval and expiry, each in seconds and nanoseconds of 64 bits. */
const ITIMERSPEC_LENGTH = 32;

/**
 * A timer that epoll can wait for, good to the kernel's high-resolution clock: `fd` has something to
 * read from the time on that it is set to. Setting it allocates nothing.
 */
export class TimerFd {
  readonly fd: number = check(
    libc.timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC),
    'create',
    'timerfd',
  );
  readonly #itimerspec = new Uint32Array(ITIMERSPEC_LENGTH / 4);
  readonly #address = libc.addressOf(new Uint8Array(this.#itimerspec.buffer));
  readonly #expirations = new Uint8Array(8);
  readonly #expirationsAddress = libc.addressOf(this.#expirations);

  /**
   * Sets the timer to a time of `monotonicNs`, in place of the one that it was set to, and forgets an
   * expiry that was not cleared; a time that has passed expires at once. @throws {KernelError} which only a closed timer can cause
   */
  set(timeNs: number): void {
    const time = Math.max(1, timeNs);
    const seconds = Math.floor(time / NS_PER_SECOND);
    this.#itimerspec[4] = seconds;
    this.#itimerspec[6] = time - seconds * NS_PER_SECOND;
    check(libc.timerfd_settimeAt(this.fd, TFD_TIMER_ABSTIME, this.#address), 'set', 'timerfd');
  }

  /** Takes note of an expiry, so that epoll waits for the next one; does nothing where there is none. */
  clear(): void {
    const result = libc.readAt(this.fd, this.#expirationsAddress, this.#expirations.length);
    if (result !== -EAGAIN) check(result, 'read', 'timerfd');
  }

  close(): void {
    libc.close(this.fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
