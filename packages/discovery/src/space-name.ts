import type { Container, SpaceKind } from '@netweir/api';

/** One name that leads to a network namespace. */
export interface SpaceName {
  /** As a target has it: `docker:web`, `netns:client`. */
  readonly id: string;
  readonly kind: SpaceKind;
  readonly name: string;
  /** Those by which it has this name. */
  readonly containers: readonly Container[];
  /** Of `pid:N`: the command line of this process. */
  readonly command: string | null;
}

/** Which of several names a space is known by: what a person would call it first. */
const ORDER: readonly SpaceKind[] = [
  'host',
  'lab',
  'pod',
  'docker',
  'podman',
  'containerd',
  'netns',
  'lxc',
  'nspawn',
  'pid',
];

export const HOST: SpaceName = plainName('host', 'host');

const NAMED = 'netns:';

/** The name that `ip netns` lists. */
export function namedByFile(name: string): SpaceName {
  return plainName(`${NAMED}${name}`, 'netns', name);
}

/** The name that `ip netns` has for a space; undefined for what is no such name, or can be none. */
export function fileNameOf(id: string): string | undefined {
  const name = id.startsWith(NAMED) ? id.slice(NAMED.length) : '';
  return name === '' || name === '.' || name === '..' || name.includes('/') ? undefined : name;
}

/** `LAB/NODE` */
export type LabNodeName = `${string}/${string}`;

/** The name of a node of a lab. */
export function namedInLab(name: LabNodeName): SpaceName {
  return plainName(`lab:${name}`, 'lab', name);
}

/** A name that says nothing but itself. */
export function plainName(id: string, kind: SpaceKind, name: string = id): SpaceName {
  return { id, kind, name, containers: [], command: null };
}

/** Names by which a space is known, the first one first; of one kind, in the order in which they come. */
export function inOrder(names: Iterable<SpaceName>): SpaceName[] {
  return [...names].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

/** How spaces are listed: the host, then by kind, then by name. */
export function compareNames(a: SpaceName, b: SpaceName): number {
  const kinds = ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind);
  if (kinds !== 0) return kinds;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
