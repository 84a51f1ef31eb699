import type { InterfaceNetwork, Space, SpaceKind } from '@netweir/api';
import { RUNTIME_NAMES, RUNTIMES, runtimesOf } from './containers.ts';

export const GROUPINGS = ['runtime', 'compose', 'network', 'none'] as const;

/** By what the list of spaces is divided. */
export type Grouping = (typeof GROUPINGS)[number];

export interface Group {
  /** Unlike every other of the same grouping. */
  readonly key: string;
  readonly title: string;
  readonly spaces: readonly Space[];
  /** Of a group that is a network. */
  readonly network: InterfaceNetwork | null;
  /** Holds what the grouping has no place for, and so is folded at first. */
  readonly isRest: boolean;
}

/** By runtime where there are containers, so that they stand apart from the machine's own. */
export function defaultGrouping(spaces: readonly Space[]): Grouping {
  const others = spaces.some(({ kind, containers }) => kind !== 'host' && containers.length > 0);
  return others ? 'runtime' : 'none';
}

/**
 * The spaces in groups, none of them empty; `none` gives one group. By network, a space stands in
 * each network of its interfaces, with these interfaces only.
 */
export function groupSpaces(spaces: readonly Space[], grouping: Grouping): readonly Group[] {
  switch (grouping) {
    case 'runtime':
      return divide(spaces, (space) => [{ place: placeByRuntime(space), space }]);
    case 'compose':
      return divide(spaces, placesByProject);
    case 'network':
      return divide(spaces, placesByNetwork);
    case 'none':
      return [{ key: 'all', title: 'All spaces', spaces, network: null, isRest: false }];
  }
}

/** Where a space stands; groups are in the order of `rank`, then of their titles. */
interface Place {
  readonly rank: number;
  readonly key: string;
  readonly title: string;
  readonly network?: InterfaceNetwork;
}

interface Placed {
  readonly place: Place;
  readonly space: Space;
}

function divide(spaces: readonly Space[], place: (space: Space) => readonly Placed[]): Group[] {
  const groups = new Map<string, { place: Place; spaces: Space[] }>();
  for (const placed of spaces.flatMap(place)) {
    const group = groups.get(placed.place.key);
    if (group) group.spaces.push(placed.space);
    else groups.set(placed.place.key, { place: placed.place, spaces: [placed.space] });
  }
  return [...groups.values()]
    .sort((a, b) => a.place.rank - b.place.rank || a.place.title.localeCompare(b.place.title))
    .map((group) => ({
      key: group.place.key,
      title: group.place.title,
      spaces: group.spaces,
      network: group.place.network ?? null,
      isRest: group.place === NO_NETWORK && groups.size > 1,
    }));
}

const LAST = 100;
const HOST: Place = { rank: 0, key: 'host', title: 'This machine' };

const PLACE_OF_KIND: Readonly<Partial<Record<SpaceKind, Place>>> = {
  host: HOST,
  pod: { rank: 20, key: 'pods', title: 'Pods' },
  lab: { rank: 30, key: 'lab', title: 'Lab' },
  netns: { rank: 40, key: 'namespaces', title: 'Named namespaces' },
  pid: { rank: 50, key: 'processes', title: 'Processes with a namespace of their own' },
};

function placeByRuntime(space: Space): Place {
  // A host with host-networked containers is still the host.
  const [runtime] = space.kind === 'host' ? [] : runtimesOf(space);
  if (runtime) {
    return {
      rank: 1 + RUNTIMES.indexOf(runtime),
      key: runtime,
      title: RUNTIME_NAMES[runtime],
    };
  }
  return PLACE_OF_KIND[space.kind] ?? { rank: LAST, key: space.kind, title: space.kind };
}

function placesByProject(space: Space): readonly Placed[] {
  const projects = new Set(
    space.kind === 'host' ? [] : space.containers.flatMap(({ compose }) => compose?.project ?? []),
  );
  if (projects.size > 0) {
    return [...projects].map((title) => ({ place: { rank: 1, key: `=${title}`, title }, space }));
  }
  const isContainer = space.kind !== 'host' && space.containers.length > 0;
  const place = isContainer
    ? { rank: 2, key: 'no-project', title: 'In no compose project' }
    : { rank: LAST, key: 'no-container', title: 'This machine and its namespaces' };
  return [{ place, space }];
}

const NO_NETWORK: Place = { rank: LAST, key: 'none', title: 'In no network of a runtime' };

/** So that a space that did not change is divided once, and into the same objects. */
const byNetwork = new WeakMap<Space, readonly Placed[]>();

function placesByNetwork(space: Space): readonly Placed[] {
  const known = byNetwork.get(space);
  if (known) return known;
  const places = new Map<string, Place>();
  const keys = space.interfaces.map(({ network }) => {
    const place = network ? placeOfNetwork(network, space) : NO_NETWORK;
    if (!places.has(place.key)) places.set(place.key, place);
    return place.key;
  });
  if (places.size === 0) places.set(NO_NETWORK.key, NO_NETWORK);
  const placed = [...places.values()].map((place) => {
    const interfaces = space.interfaces.filter((_, at) => keys[at] === place.key);
    return { place, space: interfaces.length === keys.length ? space : { ...space, interfaces } };
  });
  byNetwork.set(space, placed);
  return placed;
}

/** Each runtime may have a network of the same name. */
function placeOfNetwork(network: InterfaceNetwork, space: Space): Place {
  const runtime = runtimesOf(space)[0] ?? '';
  return { rank: 1, key: `${runtime}=${network.name}`, title: network.name, network };
}
