import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  getLink,
  KernelError,
  NETNS_DIRECTORY,
  type NetlinkSocket,
  NetworkNamespace,
} from '@netweir/kernel';
import type { Place } from '../journal/entry.ts';
import type { Reachable } from '../reachable.ts';

interface Opened {
  readonly namespace: NetworkNamespace;
  readonly netlink: NetlinkSocket;
}

/**
 * Leads from places of the journal to their interfaces, where nothing has been discovered: by names of
 * namespaces, and by the processes that are in one.
 */
export class Namespaces implements Disposable {
  readonly #opened = new Map<string, Opened>();
  #paths: ReadonlyMap<string, string> | undefined;

  /** The interface of a place, or why it cannot be there any more. */
  reach(place: Place): Reachable | string {
    const key = `${place.namespaceDevice}:${place.namespaceInode}`;
    const opened = this.#opened.get(key) ?? this.#open(key);
    if (!opened) return 'the namespace is gone';
    const { namespace, netlink } = opened;
    const { ifindex, space } = place;
    const name = nameOf(netlink, ifindex);
    if (name === undefined) return 'the interface is gone';
    return { space, namespace, ifindex, interface: name, netlink };
  }

  [Symbol.dispose](): void {
    for (const { namespace, netlink } of this.#opened.values()) {
      netlink.close();
      namespace.close();
    }
  }

  #open(key: string): Opened | undefined {
    this.#paths ??= findPaths();
    const path = this.#paths.get(key);
    const namespace = path === undefined ? undefined : openPath(path);
    if (!namespace) return undefined;
    if (namespace.key !== key) {
      namespace.close();
      return undefined;
    }
    const opened = { namespace, netlink: namespace.netlink() };
    this.#opened.set(key, opened);
    return opened;
  }
}

/** A file that leads to it, for each namespace there is, by its device and inode. */
function findPaths(): Map<string, string> {
  const paths = new Map<string, string>();
  const pids = readdirSync('/proc').filter((name) => /^\d+$/u.test(name));
  for (const path of [
    '/proc/self/ns/net',
    ...namesIn(NETNS_DIRECTORY).map((name) => join(NETNS_DIRECTORY, name)),
    ...pids.map((pid) => `/proc/${pid}/ns/net`),
  ]) {
    const key = keyAt(path);
    if (key !== undefined && !paths.has(key)) paths.set(key, path);
  }
  return paths;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    // It is made with the first name.
    return [];
  }
}

function keyAt(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path);
    return `${dev}:${ino}`;
  } catch {
    // The process has ended, or is another user's.
    return undefined;
  }
}

function openPath(path: string): NetworkNamespace | undefined {
  try {
    return NetworkNamespace.openPath(path);
  } catch (error) {
    if (error instanceof KernelError) return undefined;
    throw error;
  }
}

function nameOf(netlink: NetlinkSocket, ifindex: number): string | undefined {
  try {
    return netlink.query(getLink({ ifindex }))[0]?.name;
  } catch (error) {
    if (error instanceof KernelError && error.errnoName === 'ENODEV') return undefined;
    throw error;
  }
}
