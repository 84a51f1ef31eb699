import { closeSync } from 'node:fs';
import { EINVAL } from '../errno.ts';
import { check, KernelError } from '../errors.ts';
import * as libc from '../libc.ts';

/** linux/fcntl.h */
const F_DUPFD_CLOEXEC = 1030;

/** More than a process usually has open, and less than what makes its table of descriptors large. */
const LOWEST = [16_000, 4000, 1000];

export interface Lifeline {
  /** Ends when the other descriptor is closed. */
  readonly readFd: number;
  readonly writeFd: number;
}

/**
 * A pipe by which another process learns at once that this one has died: a dying process closes its descriptors
 * from the highest to the lowest (close_files, task_work_run), and for each TAP below the kernel takes some
 * milliseconds.
 *
 * @throws {KernelError}
 */
export function openLifeline(): Lifeline {
  const pipe = libc.pipe();
  if (typeof pipe === 'number') {
    throw new KernelError({ operation: 'open pipe', target: 'lifeline', errno: -pipe });
  }
  try {
    return { readFd: pipe.read, writeFd: raised(pipe.write) };
  } catch (error) {
    closeSync(pipe.read);
    throw error;
  } finally {
    closeSync(pipe.write);
  }
}

/** The same with a high number, as high as this process may have (RLIMIT_NOFILE). */
function raised(fd: number): number {
  for (const lowest of LOWEST) {
    const high = libc.fcntl(fd, F_DUPFD_CLOEXEC, lowest);
    if (high !== -EINVAL) return check(high, 'duplicate descriptor', 'lifeline');
  }
  return check(libc.fcntl(fd, F_DUPFD_CLOEXEC, 0), 'duplicate descriptor', 'lifeline');
}
