import { CERTAIN, type ExactDirection, type ExactLoss } from '@netweir/api';
import { netemDistribution } from '@netweir/kernel';
import { packetTimeNs } from '../engine/rate.ts';
import type { Element } from './element.ts';

/** What everything on the way makes together of packets that come one by one. */
export interface Expected {
  readonly delayMs: number;
  /** By how much more or less the delay may be, because it depends on how packets follow one another. */
  readonly delayAllowanceMs: number;
  /** The standard deviation; undefined where it depends on how packets follow one another. */
  readonly jitterMs: number | undefined;
  /** The share of packets of which nothing comes. */
  readonly loss: number;
  readonly lossAllowance: number;
  /** The share of packets that come more than once. */
  readonly duplicate: number;
  /** The share of packets that overtake others; undefined where that depends on when they are sent. */
  readonly reorder: number | undefined;
  readonly corrupt: number;
  /** The share of packets that nothing lets jump a queue, and the mean that their delay has. */
  readonly held: { readonly share: number; readonly delayMs: number };
  /** Whether half of the held packets take longer than that, and half less. */
  readonly isSymmetric: boolean;
  /** What comes out at most, headers included; Infinity without a rate. */
  readonly rateBitPerSec: number;
  /** The least rate that is set. */
  readonly narrowestBitPerSec: number;
  /** Which of these quantities somebody has set. */
  readonly isSet: Readonly<
    Record<'delay' | 'jitter' | 'duplicate' | 'reorder' | 'corrupt' | 'rate', boolean>
  >;
}

/** The userspace engine is a thread that has to get a processor. */
const ENGINE_ALLOWANCE_MS = 1;

const TABLE_FACTOR = 8192;
/** Bytes of Ethernet, IP and UDP headers in which a wrong bit loses the packet instead of showing. */
const FATAL_HEADER_BYTES = 40;

/** What can be expected of packets of `frameBytes` (with their Ethernet header) that are sent `intervalMs` apart. */
export function expectedOf(
  elements: readonly Pick<Element, 'exact' | 'mechanism'>[],
  frameBytes: number,
  intervalMs: number,
): Expected {
  const all = elements.map(({ exact }) => exact);
  const moments = elements.map((element) => delayOf(element, frameBytes));
  const { none, one } = copiesOf(all);
  const corrupt = 1 - product(all.map(({ corrupt: value }) => 1 - share(value?.probability ?? 0)));
  const hasJitter = all.some(({ delay }) => (delay?.jitterNs ?? 0) > 0);
  const followsOrder = all.some(({ delay, rate, slot }) => {
    const isSpread = (delay?.jitterNs ?? 0) > 0;
    return slot !== undefined || (isSpread && (delay?.keepsOrder || rate !== undefined));
  });
  return {
    delayMs: sum(moments.map(({ meanMs }) => meanMs)),
    delayAllowanceMs: sum(moments.map(({ allowanceMs }) => allowanceMs)),
    jitterMs: followsOrder ? undefined : Math.sqrt(sum(moments.map(({ variance }) => variance))),
    loss: none,
    lossAllowance: (corrupt * FATAL_HEADER_BYTES) / frameBytes,
    duplicate: Math.max(0, 1 - none - one),
    reorder: reorderOf(all, intervalMs),
    corrupt,
    held: {
      share: product(all.map(({ reorder: value }) => 1 - jumpShare(value))),
      delayMs: sum(moments.map(({ heldMs }) => heldMs)),
    },
    isSymmetric: all.every(isSymmetric),
    rateBitPerSec: rateOf(all, frameBytes),
    narrowestBitPerSec: Math.min(
      ...all.map(({ rate }) => (rate ? wireRate(rate, frameBytes) : Number.POSITIVE_INFINITY)),
    ),
    isSet: {
      delay: all.some(({ delay }) => delay !== undefined),
      jitter: hasJitter,
      duplicate: all.some(({ duplicate }) => duplicate !== undefined),
      reorder: all.some(({ reorder, delay }) => reorder !== undefined || delay?.keepsOrder),
      corrupt: all.some(({ corrupt: value }) => value !== undefined),
      rate: all.some(({ rate }) => rate !== undefined),
    },
  };
}

interface Moments {
  /** Of packets that do not jump the queue. */
  readonly heldMs: number;
  readonly meanMs: number;
  readonly variance: number;
  readonly allowanceMs: number;
}

/** The mean and the variance of what one element adds, by the table that netem draws from. */
function delayOf(
  { exact, mechanism }: Pick<Element, 'exact' | 'mechanism'>,
  frameBytes: number,
): Moments {
  const { delay, rate, slot } = exact;
  const jumps = jumpShare(exact.reorder);
  const spread = delay ? spreadOf(delay) : { meanMs: 0, variance: 0 };
  const jitterMs = (delay?.jitterNs ?? 0) / 1e6;
  const packetMs = rate ? packetTimeNs(frameBytes, rate) / 1e6 : 0;
  // A bucket lets single packets through at once; netem holds each for as long as the wire is busy.
  const wireMs = mechanism === 'tbf' ? 0 : packetMs;
  const slotMs = slot
    ? ('maxDelayNs' in slot ? slot.maxDelayNs : slot.delayNs + 4 * slot.jitterNs) / 1e6
    : 0;
  const isOrdered = delay?.keepsOrder || rate !== undefined;
  return {
    heldMs: spread.meanMs + wireMs,
    meanMs: (1 - jumps) * spread.meanMs + wireMs,
    variance:
      (1 - jumps) * (spread.variance + spread.meanMs ** 2) - ((1 - jumps) * spread.meanMs) ** 2,
    allowanceMs:
      packetMs +
      slotMs +
      (isOrdered ? 2 * jitterMs : 0) +
      (mechanism === 'userspace' ? ENGINE_ALLOWANCE_MS : 0),
  };
}

/** A delay is never below zero, where a packet leaves at once. */
function spreadOf(delay: NonNullable<ExactDirection['delay']>): {
  meanMs: number;
  variance: number;
} {
  const meanMs = delay.meanNs / 1e6;
  if (delay.jitterNs === 0) return { meanMs, variance: 0 };
  const jitterMs = delay.jitterNs / 1e6;
  const table = netemDistribution(delay.distribution);
  let total = 0;
  let squares = 0;
  for (const entry of table) {
    const value = Math.max(0, meanMs + (jitterMs * entry) / TABLE_FACTOR);
    total += value;
    squares += value * value;
  }
  const average = total / table.length;
  return { meanMs: average, variance: Math.max(0, squares / table.length - average ** 2) };
}

/** The share of packets that go at once: one out of `gap - 1` and those that it takes by chance. */
function jumpShare(reorder: ExactDirection['reorder']): number {
  const probability = share(reorder?.probability ?? 0);
  return reorder === undefined || probability === 0 ? 0 : 1 / (reorder.gap - 1 + 1 / probability);
}

/**
 * A packet that goes at once overtakes those before it which still wait, if there are any. Jitter
 * reorders by chance, as packets follow one another.
 */
function reorderOf(all: readonly ExactDirection[], intervalMs: number): number | undefined {
  const isSpread = all.some(
    ({ delay, rate }) => (delay?.jitterNs ?? 0) > 0 && !(delay?.keepsOrder || rate),
  );
  const jumping = all.filter(({ reorder }) => reorder !== undefined);
  if (isSpread || jumping.length > 1) return undefined;
  const [one] = jumping;
  if (!one) return 0;
  const probability = jumpShare(one.reorder);
  const waiting = Math.floor((one.delay?.meanNs ?? 0) / 1e6 / intervalMs);
  return waiting < 2 || one.rate ? undefined : probability * (1 - probability ** waiting);
}

/**
 * How likely nothing and exactly one copy comes, by the generating function of what becomes of a packet in
 * each element, the last one innermost (net/sched/sch_netem.c, netem_enqueue: a packet that is to be
 * duplicated and lost comes once, and its copy may be lost for itself).
 */
function copiesOf(all: readonly ExactDirection[]): { none: number; one: number } {
  let value = 0;
  let slope = 1;
  for (const { loss, duplicate } of all.toReversed()) {
    const lost = loss ? lossShare(loss) : 0;
    const twice = share(duplicate?.probability ?? 0);
    const none = lost * (1 - twice);
    const two = twice * (1 - lost) ** 2;
    const one = 1 - none - two;
    slope *= one + 2 * two * value;
    value = none + one * value + two * value ** 2;
  }
  return { none: value, one: slope };
}

/** How many packets of all are lost in the long run. */
export function lossShare(loss: ExactLoss): number {
  switch (loss.model) {
    case 'random':
      return share(loss.probability);
    case 'gilbert-elliott': {
      const bad = loss.p + loss.r === 0 ? 0 : loss.p / (loss.p + loss.r);
      return bad * share(loss.lossInBad) + (1 - bad) * share(loss.lossInGood);
    }
    case 'state': {
      // States as weights of the good one; from 3 to 1 and to 3 again balance each other.
      const { p13, p31, p32, p23, p14 } = loss;
      if (p13 > 0 && p31 === 0) return p32 === 0 ? 1 : p23 / (p23 + p32);
      const burst = p13 === 0 ? 0 : p13 / p31;
      const goodInBurst = p23 === 0 ? 0 : (burst * p32) / p23;
      const isolated = share(p14);
      return (burst + isolated) / (1 + burst + goodInBurst + isolated);
    }
  }
}

/** What the narrowest element lets through, less what is lost and with what is doubled behind it. */
function rateOf(all: readonly ExactDirection[], frameBytes: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (const { rate, loss, duplicate } of all) {
    if (Number.isFinite(least)) {
      least *= (1 - (loss ? lossShare(loss) : 0)) * (1 + share(duplicate?.probability ?? 0));
    }
    if (rate) least = Math.min(least, wireRate(rate, frameBytes));
  }
  return least;
}

function wireRate(rate: NonNullable<ExactDirection['rate']>, frameBytes: number): number {
  return (frameBytes * 8 * 1e9) / packetTimeNs(frameBytes, rate);
}

/** Whether a delay is as likely above its mean as below: not where it would have to be below zero. */
function isSymmetric({ delay }: ExactDirection): boolean {
  if (delay === undefined || delay.jitterNs === 0) return true;
  const reach = { uniform: 1, normal: 3, pareto: Infinity, paretonormal: Infinity };
  return delay.meanNs >= delay.jitterNs * reach[delay.distribution];
}

function share(probability: number): number {
  return probability / CERTAIN;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function product(values: readonly number[]): number {
  return values.reduce((total, value) => total * value, 1);
}
