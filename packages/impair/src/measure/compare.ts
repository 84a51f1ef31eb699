import type { Comparison } from '@netweir/api';
import type { Expected } from './expected.ts';
import {
  deviation,
  deviationInterval,
  effectiveSize,
  type Interval,
  mean,
  meanInterval,
  medianInterval,
  quantile,
  shareInterval,
} from './statistics.ts';
import { arrived, count, type StreamResult } from './stream.ts';
import type { RateResult } from './throughput.ts';
import { verdictOf } from './verdict.ts';

/** A comparison before anybody has looked for causes. */
export type Compared = Omit<Comparison, 'hints'>;

type About = Pick<Compared, 'heading' | 'by'>;

/** What the path and the programs at its ends add to a delay, to one side of it. */
const DELAY_ALLOWANCE_MS = 1;
/** What a busy machine adds to the spread of delays. */
const JITTER_ALLOWANCE_MS = 0.5;
const JITTER_ALLOWANCE = 0.05;
/** By how much a share may be off, in all and of itself. */
const SHARE_ALLOWANCE = 0.001;
const SHARE_RELATIVE_ALLOWANCE = 0.02;
/** Of a rate: what a bucket gives in advance, and what the last packet is short of. */
const RATE_ALLOWANCE = 0.03;
/** How well it must be known that nothing is lost where nothing is to be. */
const NOTHING_RESOLUTION = 0.01;

/** Sets what is expected of one direction against what became of its packets. */
export function compareStream(
  about: About,
  expected: Expected,
  result: StreamResult,
  visibleShare: number,
): Compared[] {
  const { isSet } = expected;
  const delays = arrived(result);
  const missing = result.delaysMs.map((delay) => (delay === undefined ? 1 : 0));
  const of = (flags: readonly boolean[]): number[] =>
    flags.filter((_, at) => result.delaysMs[at] !== undefined).map(Number);
  return [
    ...(isSet.delay ? [compareDelay(about, expected, delays)] : []),
    ...(isSet.jitter && expected.jitterMs !== undefined
      ? [compareJitter(about, expected.jitterMs, delays)]
      : []),
    compareShare(about, 'loss', expected.loss, missing, expected.lossAllowance),
    ...(isSet.duplicate
      ? [compareShare(about, 'duplicate', expected.duplicate, result.duplicated.map(Number), 0)]
      : []),
    ...(isSet.reorder && expected.reorder !== undefined
      ? [compareShare(about, 'reorder', expected.reorder, of(result.reordered), 0)]
      : []),
    ...(isSet.corrupt ? [compareCorruption(about, expected.corrupt, result, visibleShare)] : []),
  ];
}

/** The same of round trips through a path that nobody knows: only what is too little differs for certain. */
export function compareRoundTrips(
  about: About,
  ways: readonly [Expected, Expected],
  roundTrips: readonly (number | null)[],
): Compared[] {
  const [forward, backward] = ways;
  const ended = roundTrips.filter((one) => one !== null);
  const lost = roundTrips.map((one) => (one === null ? 1 : 0));
  const both: Expected = {
    ...forward,
    delayMs: forward.delayMs + backward.delayMs,
    delayAllowanceMs: forward.delayAllowanceMs + backward.delayAllowanceMs,
    held: {
      share: forward.held.share * backward.held.share,
      delayMs: forward.held.delayMs + backward.held.delayMs,
    },
    isSymmetric: forward.isSymmetric && backward.isSymmetric,
    loss: 1 - (1 - forward.loss) * (1 - backward.loss),
  };
  const allowance = forward.lossAllowance + backward.lossAllowance;
  const hasDelay = forward.isSet.delay || backward.isSet.delay;
  return [
    ...(hasDelay ? [compareDelay(about, both, ended)] : []),
    compareShare(about, 'loss', both.loss, lost, allowance),
  ].map((one) => {
    const isMore = one.verdict === 'differs' && (one.achieved ?? 0) > one.set;
    return isMore ? { ...one, verdict: 'unclear' } : one;
  });
}

/**
 * The median of the packets that jumped no queue, which one that is late cannot change; the mean of all
 * where that is no measure of what is set.
 */
function compareDelay(about: About, expected: Expected, delays: readonly number[]): Compared {
  const { held, isSymmetric, delayMs, delayAllowanceMs } = expected;
  const sorted = delays.toSorted((a, b) => a - b);
  // Those that jumped are the fastest.
  const waited = sorted.slice(Math.round(sorted.length * (1 - held.share)));
  const allowance = DELAY_ALLOWANCE_MS + delayAllowanceMs;
  const one = { ...about, quantity: 'delay', unit: 'ms', allowance } as const;
  return isSymmetric
    ? compared(
        { ...one, set: held.delayMs, samples: waited.length },
        quantile(waited, 0.5),
        medianInterval(waited),
      )
    : compared(
        { ...one, set: delayMs, samples: delays.length },
        mean(delays),
        meanInterval(delays),
      );
}

function compareJitter(about: About, set: number, delays: readonly number[]): Compared {
  const allowance = JITTER_ALLOWANCE_MS + JITTER_ALLOWANCE * set;
  return compared(
    { ...about, quantity: 'jitter', unit: 'ms', set, allowance, samples: delays.length },
    deviation(delays),
    deviationInterval(delays),
  );
}

function compareShare(
  about: About,
  quantity: Compared['quantity'],
  set: number,
  happened: readonly number[],
  extra: number,
): Compared {
  const achieved = happened.length === 0 ? Number.NaN : mean(happened);
  const interval = shareInterval(achieved, effectiveSize(happened));
  const allowance = SHARE_ALLOWANCE + SHARE_RELATIVE_ALLOWANCE * set + extra;
  return comparedShare(
    { ...about, quantity, set, samples: happened.length },
    achieved,
    interval,
    allowance,
  );
}

/** What hits the headers does not show but loses the packet. */
function compareCorruption(
  about: About,
  set: number,
  result: StreamResult,
  visibleShare: number,
): Compared {
  const samples = arrived(result).length;
  const seen = samples === 0 ? Number.NaN : count(result.corrupted) / samples;
  const { low, high } = shareInterval(seen, samples);
  const interval = { low: low / visibleShare, high: high / visibleShare };
  const allowance = SHARE_ALLOWANCE + 2 * SHARE_RELATIVE_ALLOWANCE * set;
  return comparedShare(
    { ...about, quantity: 'corrupt', set, samples },
    seen / visibleShare,
    interval,
    allowance,
  );
}

/** Sets a rate against what came out of a way that was filled. */
export function compareRate(about: About, set: number, result: RateResult): Compared {
  const samples = result.blockBitPerSec.length;
  const interval = medianInterval(result.blockBitPerSec.toSorted((a, b) => a - b));
  const one = compared(
    {
      ...about,
      quantity: 'rate',
      unit: 'bit/s',
      set,
      allowance: RATE_ALLOWANCE * set,
      samples,
    },
    result.bitPerSec,
    interval,
  );
  // What was not offered cannot come out.
  const isLess = (one.achieved ?? 0) < set;
  return one.verdict === 'differs' && isLess && result.offeredBitPerSec < set * (1 + RATE_ALLOWANCE)
    ? { ...one, verdict: 'unclear' }
    : one;
}

function comparedShare(
  one: Omit<Compared, 'unit' | 'achieved' | 'low' | 'high' | 'verdict' | 'allowance'>,
  achieved: number,
  { low, high }: Interval,
  allowance: number,
): Compared {
  const resolution = Math.max(one.set === 0 ? NOTHING_RESOLUTION : one.set / 2, allowance);
  const { verdict } = compared(
    { ...one, unit: '%', allowance },
    achieved,
    { low, high },
    resolution,
  );
  return {
    ...one,
    unit: '%',
    set: one.set * 100,
    allowance: allowance * 100,
    achieved: finite(achieved * 100),
    low: finite(low * 100),
    high: finite(high * 100),
    verdict,
  };
}

function compared(
  one: Omit<Compared, 'achieved' | 'low' | 'high' | 'verdict'>,
  achieved: number,
  interval: Interval,
  resolution?: number,
): Compared {
  const isKnown = Number.isFinite(achieved) && one.samples > 0;
  return {
    ...one,
    achieved: finite(achieved),
    low: isKnown ? finite(interval.low) : null,
    high: isKnown ? finite(interval.high) : null,
    verdict: isKnown ? verdictOf(one.set, interval, one.allowance, resolution) : 'unclear',
  };
}

/** Null in place of what JSON cannot say. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
