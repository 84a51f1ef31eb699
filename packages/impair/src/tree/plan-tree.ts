import { isDeepStrictEqual } from 'node:util';
import type { ExactDirection } from '@netweir/api';
import {
  addClass,
  addFilter,
  addQdisc,
  deleteClass,
  deleteFilters,
  deleteQdisc,
  ETH_P_ALL,
  type FilterOptions,
  type Htb,
  type HtbClass,
  handle,
  type Netem,
  type Pfifo,
  type QdiscOptions,
  type Request,
  rateSpec,
  replaceQdisc,
  type Tbf,
  TC_H_ROOT,
} from '@netweir/kernel';
import type { Slot } from '../journal/entry.ts';
import { distributionsOf, NO_DISTRIBUTIONS } from '../mechanism/netem.ts';
import { isOurs, mechanismFor, OUR_MAJOR, OUR_ROOT, type PlanInput, parts, plan } from '../plan.ts';
import { BASE_MINOR, planSlots, type Slotted } from './slots.ts';

/** One direction of an interface in the kernel's numbers. */
export interface ExactWay {
  readonly base: ExactDirection | null;
  readonly rules: readonly ExactRule[];
}

export interface ExactRule {
  /** What its filters match: rules of the same key have the same filters. */
  readonly key: string;
  readonly filters: readonly FilterOptions[];
  /** Null: its packets pass untouched. */
  readonly direction: ExactDirection | null;
}

/** What our tree was given last. */
export interface TreeBefore {
  readonly way: ExactWay;
  readonly slots: readonly Slot[];
}

export interface TreePlanInput extends Omit<PlanInput, 'wanted' | 'sent'> {
  readonly wanted: ExactWay;
  /** Undefined where no journal tells. */
  readonly before: TreeBefore | undefined;
}

/** A qdisc that must be there afterwards. */
export interface Expected {
  readonly parent: number;
  readonly handle: number;
  readonly options: Netem | Tbf | Pfifo;
}

export interface TreePlan {
  readonly requests: readonly Request[];
  readonly expected: readonly Expected[];
  /** Of the rules, in their order. */
  readonly slots: readonly Slot[];
}

/** Packets that may wait where nothing shapes them: only for as long as another processor sends. */
const UNSHAPED_PACKETS = 10_000;

/** More than any interface carries, so that htb never waits: 1 Tbit/s. */
const UNLIMITED = rateSpec(125_000_000_000);
const UNLIMITED_CLASS: HtbClass = {
  kind: 'htb',
  rate: UNLIMITED,
  ceil: UNLIMITED,
  burstBytes: 1_000_000,
  cburstBytes: 1_000_000,
  quantumBytes: 60_000,
  prio: 0,
};

const TREE: Htb = {
  kind: 'htb',
  defaultMinor: BASE_MINOR,
  rate2quantum: 10,
  directQlen: UNSHAPED_PACKETS,
};

const UNSHAPED: Pfifo = { kind: 'pfifo', limitPackets: UNSHAPED_PACKETS };

/** The handle of the qdisc in the class of a rule, or of what no rule takes. */
export function leafHandle(minor: number): number {
  return handle(OUR_MAJOR + minor);
}

function classHandle(minor: number): number {
  return handle(OUR_MAJOR, minor);
}

/**
 * From what is wanted of one direction and what is there to kernel operations. Without rules it is one qdisc at
 * the root; with rules an htb that shapes nothing, with a class for each rule and one for the rest, in each of
 * them what one qdisc at the root would be. What is there and stays is not touched.
 *
 * @throws NetweirError `kernel-lacks-netem`, `kernel-lacks-feature`
 */
export function planTree(input: TreePlanInput): TreePlan {
  const { wanted, root, before } = input;
  if (wanted.rules.length === 0) return planWithoutRules(input);
  const isThere = isOurs(root) && root.kind === 'htb' && before !== undefined;
  return isThere ? changeTree(input, before) : buildTree(input);
}

function planWithoutRules({ wanted, before, ...input }: TreePlanInput): TreePlan {
  if (wanted.base === null) throw new TypeError('nothing is wanted');
  const isSingle = before?.way.rules.length === 0 && before.way.base !== null;
  const sent = isSingle && before.way.base ? distributionsOf(before.way.base) : undefined;
  const { requests, expected } = plan({ ...input, wanted: wanted.base, sent });
  return {
    requests,
    expected: [{ parent: TC_H_ROOT, handle: OUR_ROOT, options: expected }],
    slots: [],
  };
}

/** Makes the tree in the place of what is at the root. */
function buildTree(input: TreePlanInput): TreePlan {
  const { ifindex, interface: target, root, wanted } = input;
  const place = { ifindex, parent: TC_H_ROOT, handle: OUR_ROOT, target };
  const start = [
    ...(isOurs(root) ? [deleteQdisc(place)] : []),
    replaceQdisc(place, TREE),
    addClass(
      { ifindex, parent: OUR_ROOT, handle: classHandle(BASE_MINOR), target },
      UNLIMITED_CLASS,
    ),
  ];
  const empty: TreeBefore = { way: { base: null, rules: [] }, slots: [] };
  const base = leafOf(input, BASE_MINOR, wanted.base, undefined);
  const rest = changeRules(input, empty);
  return {
    requests: [...start, ...base.requests, ...rest.requests],
    expected: [...base.expected, ...rest.expected],
    slots: rest.slots,
  };
}

/** Changes the tree that is there. */
function changeTree(input: TreePlanInput, before: TreeBefore): TreePlan {
  const { wanted } = input;
  const base = isDeepStrictEqual(wanted.base, before.way.base)
    ? NOTHING
    : leafOf(input, BASE_MINOR, wanted.base, before.way.base);
  const rest = changeRules(input, before);
  return {
    requests: [...base.requests, ...rest.requests],
    expected: [...base.expected, ...rest.expected],
    slots: rest.slots,
  };
}

type Step = Pick<TreePlan, 'requests' | 'expected'>;
const NOTHING: Step = { requests: [], expected: [] };

/** A rule that the tree was given last, and where it is there. */
interface Former extends Slotted, Slot {
  readonly direction: ExactDirection | null;
  readonly filterCount: number;
}

/**
 * First the classes of new rules, then the filters that lead there, then the end of filters and classes that
 * are wanted no more: at no moment is a packet without the class that is its own before or after.
 */
function changeRules(input: TreePlanInput, before: TreeBefore): TreePlan {
  const { wanted } = input;
  const former: Former[] = [];
  before.way.rules.forEach(({ key, direction, filters }, index) => {
    const slot = before.slots[index];
    if (!slot) return;
    const { prio, minor } = slot;
    const isUntouched = direction === null;
    former.push({ key, isUntouched, prio, minor, direction, filterCount: filters.length });
  });
  const slots = planSlots(
    wanted.rules.map(({ key, direction }) => ({ key, isUntouched: direction === null })),
    former,
  );
  const byKey = new Map(former.map((one) => [one.key, one]));
  const classes: Step[] = [];
  const filters: Request[] = [];
  const stayingPrios = new Set<number>();
  const stayingMinors = new Set<number>();
  wanted.rules.forEach((rule, index) => {
    const slot = slots[index];
    if (!slot) return;
    const old = byKey.get(rule.key);
    stayingMinors.add(slot.minor);
    const leaf = rule.direction ? ruleLeaf(input, slot.minor, rule.direction, old) : NOTHING;
    if (leaf !== NOTHING) classes.push(leaf);
    if (old?.prio === slot.prio) stayingPrios.add(slot.prio);
    else filters.push(...addFilters(input, rule, slot));
  });
  // A rule whose host names have no addresses has no filters.
  const ended = former.filter(
    ({ prio, filterCount }) => !stayingPrios.has(prio) && filterCount > 0,
  );
  const unused = former.filter(({ minor }) => minor !== 0 && !stayingMinors.has(minor));
  return {
    requests: [
      ...classes.flatMap(({ requests }) => requests),
      ...filters,
      ...ended.map(({ prio }) =>
        deleteFilters({ ifindex: input.ifindex, parent: OUR_ROOT, prio, target: input.interface }),
      ),
      ...unused.map(({ minor }) =>
        deleteClass({
          ifindex: input.ifindex,
          handle: classHandle(minor),
          target: input.interface,
        }),
      ),
    ],
    expected: classes.flatMap(({ expected }) => expected),
    slots,
  };
}

function ruleLeaf(
  input: TreePlanInput,
  minor: number,
  direction: ExactDirection,
  old: Former | undefined,
): Step {
  const { ifindex, interface: target } = input;
  if (old?.minor === minor) {
    return old.direction === direction || isDeepStrictEqual(old.direction, direction)
      ? NOTHING
      : leafOf(input, minor, direction, old.direction);
  }
  const place = { ifindex, parent: OUR_ROOT, handle: classHandle(minor), target };
  const leaf = leafOf(input, minor, direction, undefined);
  return { ...leaf, requests: [addClass(place, UNLIMITED_CLASS), ...leaf.requests] };
}

/** The qdisc in a class; `old` is what it did before, undefined where there is none yet. */
function leafOf(
  input: TreePlanInput,
  minor: number,
  wanted: ExactDirection | null,
  old: ExactDirection | null | undefined,
): Step {
  const { ifindex, interface: target } = input;
  const place = { ifindex, parent: classHandle(minor), handle: leafHandle(minor), target };
  const isNetem = input.abilities.netem;
  const sent = old && isNetem ? distributionsOf(old) : NO_DISTRIBUTIONS;
  const options = wanted ? mechanismFor({ ...input, wanted, sent }) : UNSHAPED;
  const kindChanges = old !== undefined && (old === null) !== (wanted === null);
  const put = old === undefined || kindChanges ? addQdisc : replaceQdisc;
  const steps: QdiscOptions[] = options.kind === 'pfifo' ? [options] : parts(options);
  return {
    requests: [
      ...(kindChanges ? [deleteQdisc(place)] : []),
      ...steps.map((step, index) => (index === 0 ? put(place, step) : replaceQdisc(place, step))),
    ],
    expected: [{ parent: place.parent, handle: place.handle, options }],
  };
}

function addFilters(input: TreePlanInput, { filters }: ExactRule, slot: Slot): Request[] {
  const { ifindex, interface: target } = input;
  const classid = slot.minor === 0 ? OUR_ROOT : classHandle(slot.minor);
  const place = { ifindex, parent: OUR_ROOT, prio: slot.prio, protocol: ETH_P_ALL, target };
  return filters.map((options) => addFilter(place, { ...options, classid }));
}
