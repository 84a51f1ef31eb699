import type { ContainerRuntime, Interface, Space } from '@netweir/api';
import { isImpaired } from '../form/ways.ts';

/** One quick filter: a state of containers, a runtime, or that netweir does something. */
export type QuickFilter = 'running' | 'paused' | 'impaired' | ContainerRuntime;

export interface Query {
  readonly text: string;
  readonly quick: readonly QuickFilter[];
}

/** What of a space a query keeps; undefined where that is nothing. */
export type SpaceFilter = (space: Space) => Space | undefined;

/**
 * Keeps the interfaces that hold every word, in their own or their space's names, their containers'
 * names, images and labels (`key=value`), networks, kind, addresses, MAC, or the word `impaired`. Of
 * the quick filters one of the states, one of the runtimes and `impaired` must hold. What is kept of
 * a space is the same object each time, and the space itself where all of it is kept.
 */
export function filterBy({ text, quick }: Query): SpaceFilter {
  const words = text.toLowerCase().split(/\s+/u).filter(Boolean);
  if (words.length === 0 && quick.length === 0) return (space) => space;
  const wantsSpace = quickTest(quick);
  const impairedOnly = quick.includes('impaired');
  const kept = new WeakMap<Space, Space | null>();
  const keep = (space: Space): Space | null => {
    if (!wantsSpace(space)) return null;
    const ofSpace = spaceSubject(space);
    const interfaces = space.interfaces.filter((one) => {
      if (impairedOnly && !isImpaired(one)) return false;
      const subject = `${ofSpace} ${interfaceSubject(space, one)}`;
      return words.every((word) => subject.includes(word));
    });
    if (interfaces.length === 0) return null;
    return interfaces.length === space.interfaces.length ? space : { ...space, interfaces };
  };
  return (space) => {
    const known = kept.get(space);
    if (known !== undefined) return known ?? undefined;
    const found = keep(space);
    kept.set(space, found);
    return found ?? undefined;
  };
}

/** The spaces of which something is kept. */
export function filterSpaces(spaces: readonly Space[], filter: SpaceFilter): readonly Space[] {
  return spaces.flatMap((space) => filter(space) ?? []);
}

function quickTest(quick: readonly QuickFilter[]): (space: Space) => boolean {
  const states = quick.filter((one) => one === 'running' || one === 'paused');
  const runtimes = quick.filter(
    (one) => one !== 'running' && one !== 'paused' && one !== 'impaired',
  );
  if (states.length === 0 && runtimes.length === 0) return () => true;
  return ({ containers }) =>
    containers.some(
      ({ state, runtime }) =>
        (states.length === 0 || states.some((one) => one === state)) &&
        (runtimes.length === 0 || runtimes.includes(runtime)),
    );
}

const subjects = new WeakMap<Space, string>();

function spaceSubject(space: Space): string {
  const known = subjects.get(space);
  if (known !== undefined) return known;
  const { name, aliases, command, containers } = space;
  const claimed = new Set(space.interfaces.map(({ network }) => network?.name));
  const texts = containers.flatMap((one) => [
    one.name,
    one.id,
    one.image,
    one.runtime,
    one.pod && `${one.pod.namespace}/${one.pod.name}`,
    ...Object.entries(one.labels).map(([key, value]) => `${key}=${value}`),
    // A network that one of the interfaces carries is found there, and not at the others.
    ...one.networks.map((network) => network.name).filter((network) => !claimed.has(network)),
  ]);
  const subject = [name, ...aliases, command, ...texts].join(' ').toLowerCase();
  subjects.set(space, subject);
  return subject;
}

function interfaceSubject(space: Space, one: Interface): string {
  const addresses = one.addresses.map(({ address }) => address);
  const state = isImpaired(one) ? 'impaired' : '';
  return [`${space.id}/${one.name}`, one.kind, one.mac, one.network?.name, one.rule, ...addresses]
    .concat(state)
    .join(' ')
    .toLowerCase();
}
