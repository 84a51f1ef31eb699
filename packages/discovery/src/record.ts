import {
  dumpAddresses,
  dumpLinks,
  dumpQdiscs,
  getLink,
  type InterfaceAddress,
  KernelError,
  type Link,
  type NetlinkSocket,
  type Qdisc,
  type Query,
} from '@netweir/kernel';

/** linux/errno-base.h */
const ENODEV = 19;
/** Offset of the index in `struct tcmsg`. */
const TCM_IFINDEX = 4;

/** Questions without parameters are put together once, not for each of a thousand namespaces. */
const LINKS = dumpLinks({ stats: true });
const ADDRESSES = dumpAddresses();
const QDISCS = dumpQdiscs();

/** All that the kernel says about one interface, and when its counters were read. */
export interface InterfaceRecord {
  readonly link: Link;
  readonly addresses: readonly InterfaceAddress[];
  readonly qdiscs: readonly Qdisc[];
  /** Unix time in milliseconds. */
  readonly atMs: number;
}

/** Reads all interfaces of the socket's namespace. @throws {KernelError} */
export function readAll(netlink: NetlinkSocket): Map<number, InterfaceRecord> {
  const atMs = Date.now();
  const links = netlink.dump(LINKS);
  const addresses = byInterface(netlink.dump(ADDRESSES));
  const qdiscs = byInterface(netlink.dump(QDISCS).map(withoutStats));
  return new Map(
    links.map((link) => [
      link.ifindex,
      {
        link,
        addresses: addresses.get(link.ifindex) ?? [],
        qdiscs: qdiscs.get(link.ifindex) ?? [],
        atMs,
      },
    ]),
  );
}

/**
 * Reads some interfaces; the result holds undefined for one that is gone. The kernel dumps the qdiscs
 * of a whole namespace or none, and so they are read only where `known` may be wrong about them:
 * `qdiscsChanged` tells that they are.
 * @throws {KernelError}
 */
export function readSome(
  netlink: NetlinkSocket,
  changed: ReadonlyMap<number, { readonly qdiscsChanged: boolean }>,
  known: ReadonlyMap<number, InterfaceRecord>,
): Map<number, InterfaceRecord | undefined> {
  const atMs = Date.now();
  const links = new Map(
    [...changed.keys()].map((ifindex) => [
      ifindex,
      unlessGone(() => netlink.query(getLink({ ifindex }))[0]),
    ]),
  );
  const stale = new Set<number>();
  for (const [ifindex, link] of links) {
    const before = known.get(ifindex);
    const qdiscsChanged = changed.get(ifindex)?.qdiscsChanged || !before;
    if (link && (qdiscsChanged || rootDiffers(before.link, link))) stale.add(ifindex);
  }
  const qdiscs = readQdiscs(netlink, stale);
  const records = new Map<number, InterfaceRecord | undefined>();
  for (const [ifindex, link] of links) {
    const addresses = link && unlessGone(() => netlink.dump(dumpAddresses({ ifindex })));
    const tree = stale.has(ifindex) ? qdiscs.get(ifindex) : known.get(ifindex)?.qdiscs;
    const record = link && addresses && { link, addresses, qdiscs: tree ?? [], atMs };
    records.set(ifindex, record);
  }
  return records;
}

/** What is read of an interface; undefined where it goes away before or in between. */
function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof KernelError && error.errno === ENODEV) return undefined;
    throw error;
  }
}

/** The kernel exchanges default qdiscs as an interface goes up and down, and says so only here. */
function rootDiffers(before: Link, after: Link): boolean {
  return before.qdisc !== after.qdisc || before.up !== after.up || before.carrier !== after.carrier;
}

function readQdiscs(
  netlink: NetlinkSocket,
  interfaces: ReadonlySet<number>,
): ReadonlyMap<number, Qdisc[]> {
  if (interfaces.size === 0) return new Map();
  return byInterface(netlink.dump(onlyOf(interfaces, QDISCS)).map(withoutStats));
}

/** Passes over the other interfaces' messages before they are decoded. */
function onlyOf(interfaces: ReadonlySet<number>, query: Query<Qdisc>): Query<Qdisc> {
  return {
    ...query,
    parse: (message) => {
      const { buffer, byteOffset, byteLength } = message.body;
      const ifindex = new DataView(buffer, byteOffset, byteLength).getInt32(TCM_IFINDEX, true);
      return interfaces.has(ifindex) ? query.parse(message) : undefined;
    },
  };
}

function withoutStats(qdisc: Qdisc): Qdisc {
  return { ...qdisc, stats: undefined };
}

function byInterface<T extends { readonly ifindex: number }>(
  objects: readonly T[],
): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const object of objects) {
    const group = groups.get(object.ifindex);
    if (group) group.push(object);
    else groups.set(object.ifindex, [object]);
  }
  return groups;
}
