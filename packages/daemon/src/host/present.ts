import type { Change, Interface, Space } from '@netweir/api';
import type { DiscoveredInterface, DiscoveredSpace, DiscoveryChange } from '@netweir/discovery';
import { describeEgress, describeQdiscs, type Entry, rootOf } from '@netweir/impair';

/** The journal's entries, found by the interface that they are of. */
export type EntryLookup = (space: DiscoveredSpace, ifindex: number) => Entry | undefined;

export function entryLookup(entries: readonly Entry[]): EntryLookup {
  const byPlace = new Map(
    entries.map((entry) => {
      const { namespaceDevice, namespaceInode, ifindex } = entry.place;
      return [`${namespaceDevice}:${namespaceInode}:${ifindex}`, entry];
    }),
  );
  return (space, ifindex) => {
    const { dev, ino } = space.namespace.identity;
    return byPlace.get(`${dev}:${ino}:${ifindex}`);
  };
}

/** What was discovered, as the API shows it: with what netweir does there. */
export function presentSpace(space: DiscoveredSpace, entryOf: EntryLookup): Space {
  return {
    id: space.id,
    kind: space.kind,
    name: space.name,
    inode: space.namespace.identity.ino,
    interfaces: [...space.interfaces.values()].map((one) =>
      presentInterface(one, entryOf(space, one.ifindex)),
    ),
  };
}

function presentInterface(discovered: DiscoveredInterface, entry: Entry | undefined): Interface {
  const { qdiscs, ...rest } = discovered;
  const egress = describeEgress(rootOf(qdiscs), entry);
  return {
    ...rest,
    qdiscs: describeQdiscs(qdiscs),
    egress,
    expiresAt: egress && entry ? entry.setting.expiresAt : null,
  };
}

export function presentChange(change: DiscoveryChange, entryOf: EntryLookup): Change {
  switch (change.type) {
    case 'space':
      return { type: 'space', space: presentSpace(change.space, entryOf) };
    case 'space-removed':
      return { type: 'space-removed', space: change.id };
    case 'interface': {
      const { space, interface: one } = change;
      return {
        type: 'interface',
        space: space.id,
        interface: presentInterface(one, entryOf(space, one.ifindex)),
      };
    }
    case 'interface-removed':
      return { type: 'interface-removed', space: change.space.id, ifindex: change.ifindex };
    case 'counters':
      return {
        type: 'counters',
        space: change.space.id,
        ifindex: change.ifindex,
        counters: change.counters,
      };
  }
}
