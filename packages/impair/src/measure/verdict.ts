import type { MeasurementVerdict } from '@netweir/api';
import type { Interval } from './statistics.ts';

/**
 * Whether what was achieved is what was set, within an allowance: `differs` where the whole interval is beyond
 * it, `as set` where it is within reach of it and no wider than `resolution` to either side, else `unclear`.
 */
export function verdictOf(
  set: number,
  { low, high }: Interval,
  allowance: number,
  resolution: number = Math.max(set / 2, allowance),
): MeasurementVerdict {
  if (low > set + allowance || high < set - allowance) return 'differs';
  return (high - low) / 2 <= resolution ? 'as set' : 'unclear';
}

const ORDER: readonly MeasurementVerdict[] = ['as set', 'unclear', 'differs'];

/** The worst of several; null of none. */
export function worstOf(verdicts: readonly MeasurementVerdict[]): MeasurementVerdict | null {
  return ORDER.findLast((verdict) => verdicts.includes(verdict)) ?? null;
}
