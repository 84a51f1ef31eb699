import { isMainThread } from 'node:worker_threads';
import { check } from '../errors.ts';
import * as libc from '../libc.ts';
import { type ExitStatus, exitOf } from './exit-status.ts';

const WNOHANG = 1;
/** Signals come to the main thread alone. */
const LOOK_MS = isMainThread ? 1000 : 10;

/** What looks for the end of one process each; true once it has no more to look for. */
const looks = new Set<() => boolean>();
let timer: NodeJS.Timeout | undefined;

/**
 * Resolves when a process has ended that was started by `execInNamespaces` or otherwise without
 * node:child_process.
 */
export function waitForExit(pid: number): Promise<ExitStatus> {
  return new Promise((resolve, reject) => {
    const look = (): boolean => {
      try {
        const ended = libc.waitpid(pid, WNOHANG);
        if (check(ended.pid, 'wait for process', pid) === 0) return false;
        resolve(exitOf(ended.status));
      } catch (error) {
        reject(error);
      }
      return true;
    };
    if (look()) return;
    looks.add(look);
    // A listener for signals does not keep the process alive.
    timer ??= setInterval(lookAtAll, LOOK_MS);
    if (looks.size === 1) process.on('SIGCHLD', lookAtAll);
  });
}

function lookAtAll(): void {
  for (const look of looks) if (look()) looks.delete(look);
  if (looks.size > 0) return;
  process.off('SIGCHLD', lookAtAll);
  clearInterval(timer);
  timer = undefined;
}
