import {
  type Direction,
  type ExactDirection,
  exactDirection,
  isUntouched,
  type TrafficMatch,
} from '@netweir/api';
import type { Setting, Way } from './journal/entry.ts';
import { remembered } from './remembered.ts';

export const WAYS: readonly Way[] = ['egress', 'ingress'];

/** What host names stand for. */
export type Addresses = Readonly<Record<string, readonly string[]>>;

/** What a setting asks, without its end. */
export type Asked = Pick<Setting, Way | 'rules' | 'addresses' | 'guarded'>;

/** What is asked of one direction of an interface. */
export interface WayWanted {
  /** What happens to packets that no rule takes; null: nothing. */
  readonly base: Direction | null;
  /** In the order in which they are asked. */
  readonly rules: readonly WayRule[];
  /** Of the host names in the matches. */
  readonly addresses: Addresses;
}

export interface WayRule {
  readonly match: TrafficMatch;
  /** Null: its packets pass untouched. */
  readonly direction: Direction | null;
}

/** The part of a setting that is of one direction; null where it asks nothing of it. */
export function wayOf(setting: Asked, way: Way): WayWanted | null {
  const known = KNOWN[way].get(setting);
  if (known !== undefined) return known;
  const found = partOf(setting, way);
  KNOWN[way].set(setting, found);
  return found;
}

/** Of each setting it is asked several times. */
const KNOWN: Readonly<Record<Way, WeakMap<Asked, WayWanted | null>>> = {
  egress: new WeakMap(),
  ingress: new WeakMap(),
};

function partOf(setting: Asked, way: Way): WayWanted | null {
  const base = setting[way];
  const rules = rulesOf(setting.rules, way);
  const guarded = (setting.guarded ?? []).map((match): WayRule => ({ match, direction: null }));
  const isAny = base !== null || rules.some(({ direction }) => direction !== null);
  return isAny ? { base, rules: [...guarded, ...rules], addresses: setting.addresses } : null;
}

/** A setting has the rules of what was asked, with an end besides. */
function rulesOf(rules: Asked['rules'], way: Way): readonly WayRule[] {
  const known = KNOWN_RULES[way].get(rules);
  if (known) return known;
  const found: WayRule[] = [];
  for (const { match, exclude, [way]: direction } of rules) {
    if (!exclude && !direction) continue;
    found.push({ match, direction: direction && !doesNothing(direction) ? direction : null });
  }
  KNOWN_RULES[way].set(rules, found);
  return found;
}

const KNOWN_RULES: Readonly<Record<Way, WeakMap<Asked['rules'], readonly WayRule[]>>> = {
  egress: new WeakMap(),
  ingress: new WeakMap(),
};

/** The directions that a setting's part has, its own and those of its rules. */
export function directionsOf({ base, rules }: WayWanted): ExactDirection[] {
  return [base, ...rules.map(({ direction }) => direction)].flatMap((one) =>
    one ? [exactOf(one)] : [],
  );
}

/** The exact numbers of a direction. @throws NetweirError as `exactDirection` */
export const exactOf: (direction: Direction) => ExactDirection = remembered(exactDirection);

const doesNothing: (direction: Direction) => boolean = remembered(isUntouched);

/** A rule that is in a list of rules for both directions, by its match. */
export const keyOfMatch: (match: TrafficMatch) => string = remembered((match) =>
  JSON.stringify(match),
);
