import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { NetworkNamespace } from '../netns/network-namespace.ts';

const LOOK_AGAIN_MS = 5;

interface Search {
  /** As the links in /proc have them. */
  readonly namespaces: Set<string>;
  readonly done: Promise<void>;
}

/** The search that has not begun yet: all that is asked for in one turn of the event loop is one. */
let next: Search | undefined;

/**
 * Kills all processes whose first thread is in a network namespace, whoever started them and wherever
 * else they are, and resolves when none is left. This process is spared.
 * @throws {Error} EPERM where one may not be killed
 */
export function endProcessesIn(namespace: NetworkNamespace): Promise<void> {
  if (!next) {
    const namespaces = new Set<string>();
    const begin = (): Promise<void> => {
      next = undefined;
      return endAll(namespaces);
    };
    next = { namespaces, done: Promise.resolve().then(begin) };
  }
  next.namespaces.add(`net:[${namespace.identity.ino}]`);
  return next.done;
}

async function endAll(namespaces: ReadonlySet<string>): Promise<void> {
  while (killAll(namespaces) > 0) await setTimeout(LOOK_AGAIN_MS);
}

/** How many there were. */
function killAll(namespaces: ReadonlySet<string>): number {
  let found = 0;
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (Number.isNaN(pid) || pid === process.pid) continue;
    if (!namespaces.has(networkNamespaceOf(pid))) continue;
    found += 1;
    kill(pid);
  }
  return found;
}

function networkNamespaceOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    // Gone, or a zombie, or another user's: none that is in a namespace of ours.
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    const ended = error instanceof Error && 'code' in error && error.code === 'ESRCH';
    if (!ended) throw error;
  }
}
