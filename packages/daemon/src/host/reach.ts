import { type InterfaceRef, NetweirError } from '@netweir/api';
import {
  type DiscoveredInterface,
  type DiscoveredSpace,
  type Discovery,
  openProcessNamespace,
} from '@netweir/discovery';
import {
  type Entry,
  isSameNamespace,
  type Place,
  type Reachable,
  subjectOf,
} from '@netweir/impair';

/** How many names an error lists. */
const LISTED = 12;

/** @throws NetweirError `no-such-space` */
export function findSpace(discovery: Discovery, id: string): DiscoveredSpace {
  const space = discovery.space(id);
  if (space) return space;
  throw new NetweirError('no-such-space', `there is no space ${id}`, {
    remedy: `There are: ${first(discovery.spaces().map((one) => one.id))}.`,
  });
}

/**
 * The interface that has this name now, whatever events are still on their way.
 *
 * @throws NetweirError `no-such-space`, `no-such-interface`
 */
export function reach(discovery: Discovery, ref: InterfaceRef): Reachable {
  discovery.catchUp(ref.space, ref.interface);
  const space = findSpace(discovery, ref.space);
  const found = discovery.find(ref.space, ref.interface);
  if (found) return reachable(space, found);
  const message = `there is no interface ${ref.interface} in ${ref.space}`;
  throw new NetweirError('no-such-interface', message, {
    remedy: `There are: ${first([...space.interfaces.values()].map(({ name }) => name))}.`,
  });
}

/** What an interface is by now; undefined where it, or its namespace, is not known any more. */
export function findReachable(
  discovery: Discovery,
  { space: id, namespace, ifindex }: Reachable,
): [DiscoveredSpace, DiscoveredInterface] | undefined {
  const space = discovery.space(id);
  const one = space?.interfaces.get(ifindex);
  return space && one && space.namespace.key === namespace.key ? [space, one] : undefined;
}

/** The other end of a veth pair; undefined where it is not known. */
export function findPeer(
  discovery: Pick<Discovery, 'space'>,
  { peer }: DiscoveredInterface,
): [DiscoveredSpace, DiscoveredInterface] | undefined {
  if (!peer?.space) return undefined;
  const space = discovery.space(peer.space);
  const one = space?.interfaces.get(peer.ifindex);
  return space && one && [space, one];
}

/** The other end of a veth pair, as the impairer takes it; undefined where it is not known. */
export function reachPeer(discovery: Discovery, at: Reachable): Reachable | undefined {
  const [, one] = findReachable(discovery, at) ?? [];
  const peer = one && findPeer(discovery, one);
  return peer && reachable(...peer);
}

/** The other end of what an interface is one end of; undefined where that is not known. */
export type OtherEnd = (
  space: DiscoveredSpace,
  one: DiscoveredInterface,
) => readonly [DiscoveredSpace, DiscoveredInterface] | undefined;

/**
 * An interface and, where that is known, the other end of what it is one end of.
 *
 * @throws NetweirError as `reach`
 */
export function reachEnds(
  discovery: Discovery,
  otherEnd: OtherEnd,
  ref: InterfaceRef,
): readonly Reachable[] {
  const at = reach(discovery, ref);
  const [space, one] = findReachable(discovery, at) ?? [];
  const other = space && one && otherEnd(space, one);
  return other ? [at, reachable(...other)] : [at];
}

/**
 * The interface that the journal means, or why it cannot be there any more. Namespaces that only
 * processes lead to are added to `opened`, for the caller to close.
 */
export function reachPlace(
  discovery: Discovery,
  place: Place,
  opened: { close(): void }[],
): Reachable | string {
  const wanted = { dev: place.namespaceDevice, ino: place.namespaceInode };
  const isWanted = ({ namespace: { identity } }: DiscoveredSpace): boolean =>
    identity.dev === wanted.dev && identity.ino === wanted.ino;
  let space = discovery.spaces().find(isWanted);
  if (!space) {
    const unnamed = openProcessNamespace(wanted);
    if (unnamed) opened.push(unnamed);
    space = unnamed;
  }
  if (!space) return 'the namespace is gone';
  // Another one may have got the inode.
  if (!isSameNamespace(place, space)) return 'the namespace is gone';
  const found = space.interfaces.get(place.ifindex);
  return found ? reachable(space, found) : 'the interface is gone';
}

/** What tells one interface from every other on this host, for as long as it lives. */
export function keyOf({ namespace, ifindex }: Reachable): string {
  return `${namespace.key}:${ifindex}`;
}

/** The same key, of an interface as the journal names it. */
export function keyOfPlace({ namespaceDevice, namespaceInode, ifindex }: Place): string {
  return `${namespaceDevice}:${namespaceInode}:${ifindex}`;
}

/** The key of the interface that an entry's setting is of. */
export function keyOfEntry(entry: Entry): string {
  return keyOfPlace(subjectOf(entry));
}

/** The key of the namespace that an interface is in, as the journal names it. */
export function namespaceKeyOf({ namespaceDevice, namespaceInode }: Place): string {
  return `${namespaceDevice}:${namespaceInode}`;
}

/** An interface as the impairer takes it. */
export function reachable(space: DiscoveredSpace, found: DiscoveredInterface): Reachable {
  return {
    space: space.id,
    namespace: space.namespace,
    ifindex: found.ifindex,
    interface: found.name,
    netlink: space.netlink,
  };
}

function first(names: readonly string[]): string {
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : '';
  return `${names.slice(0, LISTED).join(', ')}${more}`;
}
