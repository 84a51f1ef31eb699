import { dumpActions, type NetlinkSocket } from '@netweir/kernel';
import type { Original, RecordedFilter } from '../journal/entry.ts';
import { type Action, readAction } from './action.ts';
import { actionsOf, withActionIndices } from './classifier.ts';

/** How an action is named among all of a namespace. */
function nameOfAction({ kind, index }: Pick<Action, 'kind' | 'index'>): string {
  return `${kind} ${index}`;
}

/**
 * Whether filters that were put back have other actions than recorded: one that names the index of an action
 * which is there gets that one, whatever it does. One that does the same is as good; it may be what is left of
 * the recorded one, which the kernel frees some time after its filter.
 */
export function haveOthersActions(
  found: readonly RecordedFilter[],
  recorded: readonly RecordedFilter[],
): boolean {
  const before = new Map(recorded.map((filter) => [placeOf(filter), filter]));
  return found.some((filter) => {
    const one = before.get(placeOf(filter));
    if (!one || optionsOf(one).length === 0) return false;
    return renumbered(filter, () => 0).options !== renumbered(one, () => 0).options;
  });
}

/**
 * An original whose actions have other indices where the recorded ones are taken by now. To be asked only where
 * that is so: once the kernel has listed actions, it shows them with `used_hw_stats disabled`.
 */
export function withFreeIndices(netlink: NetlinkSocket, original: Original): Original {
  const { filters = [] } = original;
  const wanted = filters.flatMap((filter) => optionsOf(filter).map(readAction));
  const there = [...new Set(wanted.map(({ kind }) => kind))]
    .flatMap((kind) => netlink.dump(dumpActions(kind)).flat())
    .map(readAction);
  const indices = otherIndices(wanted, there);
  const indexOf = (kind: string, index: number): number =>
    indices.get(nameOfAction({ kind, index })) ?? index;
  return { ...original, filters: filters.map((filter) => renumbered(filter, indexOf)) };
}

/** New indices for those that are taken, by the names of the actions. */
function otherIndices(wanted: readonly Action[], there: readonly Action[]): Map<string, number> {
  const taken = new Map(there.map((action) => [nameOfAction(action), action.settings]));
  const indices = new Map<string, number>();
  let highest = Math.max(...[...wanted, ...there].map(({ index }) => index));
  for (const action of wanted) {
    const name = nameOfAction(action);
    const settings = taken.get(name);
    const isOther = settings !== undefined && settings !== action.settings;
    if (isOther && !indices.has(name)) indices.set(name, ++highest);
  }
  return indices;
}

function placeOf({ parent, chain, prio, handle }: RecordedFilter): string {
  return `${parent} ${chain} ${prio} ${handle}`;
}

function optionsOf({ kind, options }: RecordedFilter): Uint8Array[] {
  return options === null ? [] : actionsOf(kind, Buffer.from(options, 'base64'));
}

/** The filter with other indices of its actions. */
export function renumbered(
  filter: RecordedFilter,
  indexOf: (kind: string, index: number) => number,
): RecordedFilter {
  const { kind, options } = filter;
  if (options === null) return filter;
  const edited = withActionIndices(kind, Buffer.from(options, 'base64'), indexOf);
  return { ...filter, options: Buffer.from(edited).toString('base64') };
}
