import type { Slot } from '../journal/entry.ts';

/** A rule as far as its place depends on it. */
export interface Slotted {
  /** Two rules of the same key have the same filters. */
  readonly key: string;
  readonly isUntouched: boolean;
}

/** The class of what no rule takes; those of rules are above it. */
export const BASE_MINOR = 1;

const FIRST_PRIO = 64;
const LAST_PRIO = 0xfffe;
/** Between the rules of a new list, so that others find a place among them. */
const PRIO_STEP = 64;

/**
 * Gives each rule a place. One that was there before keeps its class and, as far as order and room allow, its
 * priority; no new priority is one that is in use before the change, so that new filters can be added before old
 * ones go.
 */
export function planSlots(
  rules: readonly Slotted[],
  before: readonly (Slotted & Slot)[],
): readonly Slot[] {
  const old = new Map(before.map((rule) => [rule.key, rule]));
  const kept = rules.map((rule) => {
    const found = old.get(rule.key);
    return found?.isUntouched === rule.isUntouched ? found : undefined;
  });
  const minors = minorsOf(rules, kept, before);
  return priosOf(kept, before).map((prio, index) => ({ prio, minor: minors[index] ?? 0 }));
}

function minorsOf(
  rules: readonly Slotted[],
  kept: readonly (Slot | undefined)[],
  before: readonly Slot[],
): number[] {
  const taken = new Set(before.map(({ minor }) => minor));
  let next = BASE_MINOR;
  return rules.map(({ isUntouched }, index) => {
    if (isUntouched) return 0;
    const found = kept[index];
    if (found) return found.minor;
    do next += 1;
    while (taken.has(next));
    return next;
  });
}

function priosOf(kept: readonly (Slot | undefined)[], before: readonly Slot[]): number[] {
  const taken = new Set(before.map(({ prio }) => prio));
  const staying = longestAscent(kept);
  const prios: number[] = [];
  for (let index = 0; index < kept.length; ) {
    const stays = staying.get(index);
    if (stays !== undefined) {
      prios.push(stays);
      index += 1;
      continue;
    }
    const end = index + runLength(kept.length, staying, index);
    const found = between(prios.at(-1), staying.get(end), end - index, taken);
    if (found) {
      prios.push(...found);
      index = end;
    } else if (staying.delete(end)) {
      // There is no room before the next one that was to stay: it moves, too.
    } else {
      index -= 1;
      staying.delete(index);
      prios.pop();
    }
  }
  return prios;
}

/** How many rules from an index on do not stay. */
function runLength(count: number, staying: ReadonlyMap<number, number>, from: number): number {
  let end = from;
  while (end < count && !staying.has(end)) end += 1;
  return end - from;
}

/** So many free priorities between two others, as far from each other as they can be. */
function between(
  low: number | undefined,
  high: number | undefined,
  count: number,
  taken: ReadonlySet<number>,
): number[] | undefined {
  const free: number[] = [];
  const first = low === undefined ? 1 : low + 1;
  const last = high === undefined ? LAST_PRIO : high - 1;
  if (high === undefined) {
    const start = low === undefined ? FIRST_PRIO : low + PRIO_STEP;
    for (let prio = start; prio <= last && free.length < count; prio += PRIO_STEP) {
      if (!taken.has(prio)) free.push(prio);
    }
    if (free.length === count) return free;
    free.length = 0;
  }
  for (let prio = first; prio <= last; prio += 1) if (!taken.has(prio)) free.push(prio);
  if (free.length < count) return undefined;
  return Array.from(
    { length: count },
    (_, index) => free[Math.floor(((index + 0.5) * free.length) / count)] ?? 0,
  );
}

/** The priorities that can stay because they ascend, most of them, by index. */
function longestAscent(kept: readonly (Slot | undefined)[]): Map<number, number> {
  const tails: number[] = [];
  const previous = new Map<number, number | undefined>();
  const prioAt = (index: number | undefined): number =>
    index === undefined ? 0 : (kept[index]?.prio ?? 0);
  kept.forEach((slot, index) => {
    if (!slot) return;
    const at = lowest(tails.length, (length) => prioAt(tails[length]) >= slot.prio);
    previous.set(index, tails[at - 1]);
    tails[at] = index;
  });
  const ascent = new Map<number, number>();
  for (let index = tails.at(-1); index !== undefined; index = previous.get(index)) {
    ascent.set(index, prioAt(index));
  }
  return ascent;
}

/** The lowest number below `count` from which on `holds` does, by halving; `count` where it does for none. */
function lowest(count: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
