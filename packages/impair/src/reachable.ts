import { readFileSync } from 'node:fs';
import type { NetlinkSocket, NetworkNamespace } from '@netweir/kernel';
import type { Entry, Place } from './journal/entry.ts';
import type { Transaction } from './journal/journal.ts';

/** One interface that can be reached: who it is, and a socket in its namespace. */
export interface Reachable {
  readonly space: string;
  readonly namespace: NetworkNamespace;
  readonly ifindex: number;
  readonly interface: string;
  readonly netlink: NetlinkSocket;
}

/** The kernel's identity until it is started anew: what it forgets then needs no restoring. */
export const BOOT_ID: string = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/** How the journal names an interface. */
export function placeOf(at: Reachable): Place {
  return {
    bootId: BOOT_ID,
    space: at.space,
    namespaceDevice: at.namespace.identity.dev,
    namespaceInode: at.namespace.identity.ino,
    ...cookieOf(at),
    ifindex: at.ifindex,
    interface: at.interface,
  };
}

/** The journal's entry of a kind for an interface. */
export function findEntry<K extends Entry['kind']>(
  { entries }: Transaction,
  at: Pick<Reachable, 'namespace' | 'ifindex' | 'netlink'>,
  kind: K,
): Extract<Entry, { kind: K }> | undefined {
  for (const entry of entries.values()) {
    if (entry.kind === kind && isAt(entry.place, at)) return entry as Extract<Entry, { kind: K }>;
  }
  return undefined;
}

/** Whether the journal means this interface. */
export function isAt(
  place: Place,
  at: Pick<Reachable, 'namespace' | 'ifindex' | 'netlink'>,
): boolean {
  const { bootId, namespaceDevice, namespaceInode, ifindex } = place;
  const { dev, ino } = at.namespace.identity;
  const isSame = namespaceDevice === dev && namespaceInode === ino && ifindex === at.ifindex;
  return isSame && bootId === BOOT_ID && isSameNamespace(place, at);
}

/** Whether the namespace of an entry is this one, and not one of before that had its inode. */
export function isSameNamespace(place: Place, at: Pick<Reachable, 'netlink'>): boolean {
  const { namespaceCookie } = cookieOf(at);
  const areKnown = place.namespaceCookie !== undefined && namespaceCookie !== undefined;
  return !areKnown || place.namespaceCookie === namespaceCookie;
}

function cookieOf({ netlink }: Pick<Reachable, 'netlink'>): { namespaceCookie?: string } {
  const cookie = netlink.namespaceCookie;
  return cookie === undefined ? {} : { namespaceCookie: String(cookie) };
}
