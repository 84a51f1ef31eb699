import { readdirSync, statSync } from 'node:fs';
import { KernelError, NetworkNamespace } from '@netweir/kernel';
import type { DiscoveredSpace } from './model.ts';
import { Space } from './space.ts';

/**
 * The namespace of these numbers, found by a process that is in it: for one that has lost its name, or
 * the host's as seen from another namespace. Undefined where no process is in it. Closing it is up to
 * the caller.
 * @throws {KernelError}
 */
export function openProcessNamespace(identity: {
  readonly dev: number;
  readonly ino: number;
}): (DiscoveredSpace & { close(): void }) | undefined {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/u.test(name))) {
    if (!isIn(pid, identity)) continue;
    const namespace = openOf(Number(pid));
    const { dev, ino } = namespace?.identity ?? {};
    if (namespace && dev === identity.dev && ino === identity.ino) return Space.unnamed(namespace);
    namespace?.close();
  }
  return undefined;
}

function isIn(pid: string, { dev, ino }: { dev: number; ino: number }): boolean {
  // A process may end at any time, and another user's may be closed to us.
  try {
    const found = statSync(`/proc/${pid}/ns/net`);
    return found.dev === dev && found.ino === ino;
  } catch {
    return false;
  }
}

function openOf(pid: number): NetworkNamespace | undefined {
  try {
    return NetworkNamespace.openPid(pid);
  } catch (error) {
    if (error instanceof KernelError) return undefined;
    throw error;
  }
}
