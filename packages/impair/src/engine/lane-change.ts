import { isDeepStrictEqual } from 'node:util';
import type { ExactDirection } from '@netweir/api';
import { type ClassifierTable, classifierTable } from '../traffic/classifier.ts';
import type { LaneWanted } from './lane-wanted.ts';

/**
 * How a lane comes to what is wanted: a message to the engine's thread, which has packets to deliver and is not to
 * compare or compute what others can. A direction that is absent stays as it is.
 */
export interface LaneChange {
  readonly base?: ExactDirection | null;
  readonly rules: readonly { readonly key: string; readonly direction?: ExactDirection | null }[];
  /** Absent where there are no rules. */
  readonly table?: ClassifierTable;
  /** The first rule whose packets pass untouched; absent where there is none. */
  readonly untouched?: number;
}

/** What is to be told to a lane that does what `before` says, or that is new. */
export function laneChange(wanted: LaneWanted, before: LaneWanted | undefined): LaneChange {
  const had = firstByKey(before?.rules ?? []);
  const rules = wanted.rules.map(({ key, direction }) => {
    const former = had.get(key);
    // Of two with the same key the second is another rule.
    had.delete(key);
    return former && isDeepStrictEqual(former.direction, direction) ? { key } : { key, direction };
  });
  // As with a netem, the same values begin anew; beside rules, a change of one is no matter of the others.
  const hasRules = rules.length > 0 || (before?.rules.length ?? 0) > 0;
  const staysBase = before && hasRules && isDeepStrictEqual(before.base, wanted.base);
  const untouched = wanted.rules.findIndex(({ direction }) => direction === null);
  return {
    ...(untouched >= 0 && { untouched }),
    ...(!staysBase && { base: wanted.base }),
    rules,
    ...(rules.length > 0 && { table: classifierTable(wanted.rules.map(({ terms }) => terms)) }),
  };
}

/** Of those with the same key the first, which takes all packets. */
export function firstByKey<T extends { readonly key: string }>(all: readonly T[]): Map<string, T> {
  return new Map(all.toReversed().map((one) => [one.key, one]));
}
