import { type ExactDirection, isHostName } from '@netweir/api';
import { type Term, termsOf } from '../traffic/term.ts';
import { exactOf, keyOfMatch, type WayRule, type WayWanted } from '../way.ts';
import type { Way } from './hook.ts';

/** What a lane is to do with its packets. */
export interface LaneWanted {
  /** What happens to packets that no rule takes; null: they pass untouched. */
  readonly base: ExactDirection | null;
  /** In the order in which they are asked. */
  readonly rules: readonly LaneRule[];
}

export interface LaneRule {
  /** What tells rules of a lane apart. That of the same key goes on where it was, whatever else changes. */
  readonly key: string;
  /** A packet that has all of one of them is the rule's. */
  readonly terms: readonly Term[];
  /** Null: its packets pass untouched. */
  readonly direction: ExactDirection | null;
}

/**
 * What a lane does where that is wanted of its direction. It takes from `before` what it has there already.
 *
 * @throws NetweirError `invalid-combination` where a match becomes too many terms
 */
export function laneOf(
  { base, rules, addresses }: WayWanted,
  way: Way,
  before: LaneWanted | undefined,
): LaneWanted {
  const found = new Map(Object.entries(addresses));
  const known = new Map(before?.rules.map(({ key, terms }) => [key, terms]));
  const termsOfRule = (key: string, { match }: WayRule): readonly Term[] =>
    (match.remote?.some(isHostName) ? undefined : known.get(key)) ?? termsOf(match, found, way);
  return {
    base: base && exactOf(base),
    rules: rules.map((rule) => {
      const key = keyOfMatch(rule.match);
      const { direction } = rule;
      return {
        key,
        terms: termsOfRule(key, rule),
        direction: direction && exactOf(direction),
      };
    }),
  };
}
