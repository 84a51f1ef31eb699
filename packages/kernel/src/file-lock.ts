import { closeSync, openSync } from 'node:fs';
import { EAGAIN } from './errno.ts';
import { check, checkFile } from './errors.ts';
import * as libc from './libc.ts';

const LOCK_EX = 2;
const LOCK_NB = 4;

/**
 * Runs `action` while this process alone holds the lock file, which is made where it is missing.
 * Waits for another holder without leaving the thread, so that actions must be short; a process
 * that dies lets go of its lock (flock(2)).
 *
 * @throws {KernelError} where the file cannot be made or locked
 */
export function withFileLock<T>(path: string, action: () => T): T {
  const fd = checkFile('open lock file', path, () => openSync(path, 'a', 0o600));
  try {
    check(libc.flock(fd, LOCK_EX), 'lock', path);
    return action();
  } finally {
    closeSync(fd);
  }
}

/**
 * Takes a lock file for as long as the result is not closed; undefined where another process has it.
 *
 * @throws {KernelError} where the file cannot be made or locked
 */
export function holdFileLock(path: string): Disposable | undefined {
  const fd = checkFile('open lock file', path, () => openSync(path, 'a', 0o600));
  const locked = libc.flock(fd, LOCK_EX | LOCK_NB);
  if (locked < 0) closeSync(fd);
  if (locked === -EAGAIN) return undefined;
  check(locked, 'lock', path);
  return { [Symbol.dispose]: () => closeSync(fd) };
}
