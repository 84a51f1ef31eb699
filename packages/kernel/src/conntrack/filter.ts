import { constants } from 'node:os';
import type { NetlinkSocket } from '../netlink/socket.ts';
import type { IpFamily } from '../route/ip-address.ts';
import { type ConntrackEntry, deleteConntrack, dumpConntrack } from './conntrack.ts';
import type { ConntrackTuple } from './tuple.ts';

/** Which entries are meant: those that have all that is given. */
export interface ConntrackFilter {
  readonly family?: IpFamily;
  /** Addresses as the kernel's dump has them (RFC 5952). */
  readonly original?: Partial<ConntrackTuple>;
  readonly reply?: Partial<ConntrackTuple>;
  readonly zone?: number;
  readonly mark?: number;
}

export function matchesConntrack(filter: ConntrackFilter, entry: ConntrackEntry): boolean {
  const { original = {}, reply = {}, ...scalars } = filter;
  return hasAll(entry, scalars) && hasAll(entry.original, original) && hasAll(entry.reply, reply);
}

/**
 * Deletes the entries that match, and returns how many. `socket` speaks NETLINK_NETFILTER in their
 * namespace. One that vanished meanwhile is no error.
 * @throws {KernelError}
 */
export function deleteConntrackEntries(socket: NetlinkSocket, filter: ConntrackFilter): number {
  const { family } = filter;
  const entries = socket
    .dump(dumpConntrack(family === undefined ? {} : { family }))
    .filter((entry) => matchesConntrack(filter, entry));
  const errors = socket.batch(entries.map(deleteConntrack));
  const vanished = errors.filter((error) => error?.errno === constants.errno.ENOENT);
  const failed = errors.find((error) => error && error.errno !== constants.errno.ENOENT);
  if (failed) throw failed;
  return entries.length - vanished.length;
}

function hasAll(whole: object, part: object): boolean {
  const values = new Map<string, unknown>(Object.entries(whole));
  return Object.entries(part).every(
    ([key, value]) => value === undefined || values.get(key) === value,
  );
}
