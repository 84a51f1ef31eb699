import type { InterfaceRef, Inventory, Space } from '@netweir/api';
import { isLoopback } from './containers.ts';

/** The interfaces that are chosen for one action on all of them, by `space/interface`. */
export type Chosen = ReadonlyMap<string, InterfaceRef>;

export const NOTHING_CHOSEN: Chosen = new Map();

export function refKey({ space, interface: name }: InterfaceRef): string {
  return `${space}/${name}`;
}

export function withChosen(
  chosen: Chosen,
  refs: readonly InterfaceRef[],
  isChosen: boolean,
): Chosen {
  const next = new Map(chosen);
  for (const ref of refs) {
    if (isChosen) next.set(refKey(ref), ref);
    else next.delete(refKey(ref));
  }
  return next;
}

/** How many of these are chosen. */
export function tally(chosen: Chosen, refs: readonly InterfaceRef[]): 'none' | 'some' | 'all' {
  const number = refs.filter((ref) => chosen.has(refKey(ref))).length;
  if (number === 0) return 'none';
  return number === refs.length ? 'all' : 'some';
}

/** What "all" of these spaces means: every interface but loopbacks. */
export function choosable(spaces: readonly Space[]): readonly InterfaceRef[] {
  return spaces.flatMap((space) =>
    space.interfaces
      .filter((one) => !isLoopback(one))
      .map(({ name }) => ({ space: space.id, interface: name })),
  );
}

/** The chosen ones that are still there. */
export function stillThere(chosen: Chosen, { spaces }: Inventory): readonly InterfaceRef[] {
  if (chosen.size === 0) return [];
  return spaces.flatMap(({ id, interfaces }) =>
    interfaces.flatMap(({ name }) => chosen.get(refKey({ space: id, interface: name })) ?? []),
  );
}
