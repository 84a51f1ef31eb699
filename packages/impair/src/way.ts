import {
  type Direction,
  type ExactDirection,
  exactDirection,
  isUntouched,
  type TrafficMatch,
  type TrafficRule,
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

function rulesOf(rules: Asked['rules'], way: Way): WayRule[] {
  const found: WayRule[] = [];
  for (const rule of rules) {
    const part = PART_OF_RULE[way](rule);
    if (part) found.push(part);
  }
  return found;
}

const PART_OF_RULE: Readonly<Record<Way, (rule: TrafficRule) => WayRule | null>> = {
  egress: remembered((rule) => partOfRule(rule, 'egress')),
  ingress: remembered((rule) => partOfRule(rule, 'ingress')),
};

function partOfRule({ match, exclude, ...both }: TrafficRule, way: Way): WayRule | null {
  const direction = both[way];
  if (!exclude && !direction) return null;
  return { match, direction: direction && !isUntouched(direction) ? direction : null };
}

/** The directions that a setting's part has, its own and those of its rules. */
export function directionsOf({ base, rules }: WayWanted): ExactDirection[] {
  return [base, ...rules.map(({ direction }) => direction)].flatMap((one) =>
    one ? [exactOf(one)] : [],
  );
}

/** The exact numbers of a direction. @throws NetweirError as `exactDirection` */
export const exactOf: (direction: Direction) => ExactDirection = remembered(exactDirection);

/** A rule that is in a list of rules for both directions, by its match. */
export const keyOfMatch: (match: TrafficMatch) => string = remembered((match) =>
  JSON.stringify(match),
);
