import { deleteLinkGroup, type Link, type NetlinkSocket, setLinkGroup } from '@netweir/kernel';
import type { Reachable } from './reachable.ts';

/** Of interfaces that are about to go. */
const ENDING_GROUP = 0x4e57_4e57;

/** The interfaces of each namespace that has several of them, by a socket in it. */
export function byNamespace(
  all: readonly Reachable[],
): ReadonlyMap<NetlinkSocket, readonly Reachable[]> {
  const found = new Map<string, [Reachable, ...Reachable[]]>();
  for (const at of all) {
    const others = found.get(at.namespace.key);
    if (others) others.push(at);
    else found.set(at.namespace.key, [at]);
  }
  const several = [...found.values()].filter(({ length }) => length > 1);
  return new Map(several.map((those) => [those[0].netlink, those]));
}

/**
 * Deletes interfaces of one namespace at once: one after the other, the kernel takes some milliseconds for each
 * (rtnl_group_dellink). Those that are gone by then are passed over.
 */
export function deleteTogether(
  netlink: NetlinkSocket,
  links: readonly Pick<Link, 'ifindex'>[],
): void {
  if (links.length === 0) return;
  netlink.batch(links.map(({ ifindex }) => setLinkGroup({ ifindex }, ENDING_GROUP)));
  netlink.batch([deleteLinkGroup(ENDING_GROUP)]);
}
