import type { Change, Direction, Interface, Space } from '@netweir/api';
import type { DiscoveredInterface, DiscoveredSpace, DiscoveryChange } from '@netweir/discovery';
import {
  describeQdiscs,
  type Entry,
  type HookEntry,
  type IfbEntry,
  ifbName,
  type RootEntry,
  readTree,
  tapName,
  type Way,
  wayAtRoot,
  wayOf,
} from '@netweir/impair';
import { keyOfPlace } from './reach.ts';

/** The journal's entries of one interface. */
export interface InterfaceEntries {
  readonly root?: RootEntry;
  readonly ifb?: IfbEntry;
  readonly hook?: HookEntry;
}

/** The journal's entries, found by the interface that they are of. */
export type EntryLookup = (space: DiscoveredSpace, ifindex: number) => InterfaceEntries;

/** What is known of spaces and interfaces besides what was discovered. */
export interface Known {
  readonly entryOf: EntryLookup;
  readonly ruleOf: (space: DiscoveredSpace, ifindex: number) => string | null;
  readonly problemsOf: (space: DiscoveredSpace) => readonly string[];
  /** The other end of a veth. */
  readonly peerOf: (
    one: DiscoveredInterface,
  ) => readonly [DiscoveredSpace, DiscoveredInterface] | undefined;
  /** What somebody else has changed at what netweir set on an interface. */
  readonly elsewhereOf: (space: DiscoveredSpace, one: DiscoveredInterface) => string | null;
}

export function entryLookup(entries: readonly Entry[]): EntryLookup {
  const byPlace = new Map<string, InterfaceEntries>();
  for (const entry of entries) {
    const key = keyOfPlace(entry.place);
    byPlace.set(key, { ...byPlace.get(key), [entry.kind]: entry });
  }
  return (space, ifindex) => byPlace.get(`${space.namespace.key}:${ifindex}`) ?? {};
}

/** What was discovered, as the API shows it: with what netweir does there, and without its tools. */
export function presentSpace(space: DiscoveredSpace, known: Known): Space {
  const problems = known.problemsOf(space);
  return {
    id: space.id,
    kind: space.kind,
    name: space.name,
    aliases: [...space.aliases],
    inode: space.namespace.identity.ino,
    command: space.command,
    containers: [...space.containers],
    interfaces: [...space.interfaces.values()]
      .filter((one) => !isTool(space, one, known.entryOf))
      .map((one) => presentInterface(space, one, known)),
    ...(space.kind === 'lab' && { path: `/proc/${process.pid}/fd/${space.namespace.fd}` }),
    ...(problems.length > 0 && { problems: [...problems] }),
  };
}

function presentInterface(
  space: DiscoveredSpace,
  discovered: DiscoveredInterface,
  known: Known,
): Interface {
  const { qdiscs, ...rest } = discovered;
  const { egress, ingress, entry } = inForceOn(space, discovered, known);
  const isAny = egress !== undefined || ingress !== undefined;
  const changed = entry ? known.elsewhereOf(space, discovered) : null;
  const setting = entry?.setting;
  return {
    ...rest,
    qdiscs: describeQdiscs(qdiscs),
    egress: egress?.base ?? null,
    ingress: ingress?.base ?? null,
    trafficRules: (isAny && setting?.rules.length) || 0,
    expiresAt: (isAny && setting?.expiresAt) || null,
    rule: isAny ? known.ruleOf(space, rest.ifindex) : null,
    ...(changed !== null && { changedElsewhere: changed }),
  };
}

/** Whether netweir does anything to an interface, as far as was discovered. */
export function isImpaired(
  space: DiscoveredSpace,
  one: DiscoveredInterface,
  known: Pick<Known, 'entryOf' | 'peerOf'>,
): boolean {
  const { egress, ingress } = inForceOn(space, one, known);
  return egress !== undefined || ingress !== undefined;
}

/** What is done to each direction, also by the other end of a veth, and an entry that has the setting of it. */
function inForceOn(
  space: DiscoveredSpace,
  one: DiscoveredInterface,
  { entryOf, peerOf }: Pick<Known, 'entryOf' | 'peerOf'>,
): Ways & { readonly entry: Entry | undefined } {
  const entries = entryOf(space, one.ifindex);
  const { egress, ingress } = waysOf(space, one, entries);
  const entry = entries.root ?? entries.ifb ?? entries.hook;
  const [endSpace, end] = peerOf(one) ?? [];
  const byEnd = endSpace && end && entryOf(endSpace, end.ifindex).root;
  const key = byEnd?.insteadOf && keyOfPlace(byEnd.insteadOf);
  if (!end || key !== `${space.namespace.key}:${one.ifindex}`) return { egress, ingress, entry };
  return {
    egress,
    ingress: ingress ?? readTree(end.qdiscs, 'ingress', byEnd),
    entry: entry ?? byEnd,
  };
}

interface InForce {
  readonly base: Direction | null;
}

/** What is done to each direction; undefined where nothing is. */
type Ways = Readonly<Record<Way, InForce | undefined>>;

function waysOf(
  space: DiscoveredSpace,
  { ifindex, qdiscs }: DiscoveredInterface,
  { root, ifb, hook }: InterfaceEntries,
): Ways {
  const byEngine = (way: Way): InForce | undefined => {
    if (!hook?.ways.includes(way) || !named(space, tapName(ifindex, way))) return undefined;
    return wayOf(hook.setting, way) ?? undefined;
  };
  const device = ifb && named(space, ifbName(ifindex));
  return {
    egress: readTree(qdiscs, wayAtRoot(root), root) ?? byEngine('egress'),
    ingress: (device && readTree(device.qdiscs, 'ingress', ifb)) ?? byEngine('ingress'),
  };
}

/** Whether an interface is netweir's own, a TAP or an ifb, whose interface stands for it. */
function isTool(space: DiscoveredSpace, one: DiscoveredInterface, entryOf: EntryLookup): boolean {
  const ifindex = toolOf(one);
  if (ifindex === undefined) return false;
  const { ifb, hook } = entryOf(space, ifindex);
  return ifb !== undefined || hook !== undefined;
}

/** The index of the interface that a TAP or an ifb of netweir's is for, by its name. */
export function toolOf({ name }: Pick<Interface, 'name'>): number | undefined {
  const match = /^nw(\d+)[bei]$/u.exec(name);
  return match ? Number(match[1]) : undefined;
}

/**
 * The changes, and where the userspace engine's TAPs come or go also the interfaces behind which they
 * stand: what an engine does ends with its TAP, whoever made that go.
 */
export function withToolsOwners(
  changes: readonly DiscoveryChange[],
  entryOf: EntryLookup,
): DiscoveryChange[] {
  return changes.flatMap((change) => [change, ...ownersOf(change, entryOf)]);
}

function ownersOf(change: DiscoveryChange, entryOf: EntryLookup): DiscoveryChange[] {
  if (change.type !== 'interface' && change.type !== 'interface-removed') return [];
  const { space } = change;
  // Of what is gone only the index is known: it may have been anybody's.
  const owners =
    change.type === 'interface'
      ? [toolOf(change.interface)]
      : [...space.interfaces.keys()].filter((ifindex) => {
          const { ifb, hook } = entryOf(space, ifindex);
          return ifb ?? hook;
        });
  return owners.flatMap((ifindex) => {
    const found = ifindex === undefined ? undefined : space.interfaces.get(ifindex);
    return found ? [{ type: 'interface', space, interface: found } as const] : [];
  });
}

function named({ interfaces }: DiscoveredSpace, name: string): DiscoveredInterface | undefined {
  for (const one of interfaces.values()) if (one.name === name) return one;
  return undefined;
}

/** A change as the API tells it; undefined for one of netweir's own tools. */
export function presentChange(change: DiscoveryChange, known: Known): Change | undefined {
  switch (change.type) {
    case 'space':
      return { type: 'space', space: presentSpace(change.space, known) };
    case 'space-removed':
      return { type: 'space-removed', space: change.id };
    case 'interface': {
      const { space, interface: one } = change;
      if (isTool(space, one, known.entryOf)) return undefined;
      return {
        type: 'interface',
        space: space.id,
        interface: presentInterface(space, one, known),
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
    case 'runtimes':
      return { type: 'runtimes', runtimes: [...change.runtimes] };
    case 'stopped':
      return { type: 'stopped', stopped: [...change.stopped] };
  }
}
