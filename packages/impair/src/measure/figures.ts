import type { DelayFigures, RoundTripFigures } from '@netweir/api';
import { deviation, mean, quantile } from './statistics.ts';

/** What can be said of delays in milliseconds; null where there is none. */
export function delayFigures(delays: readonly number[]): DelayFigures | null {
  if (delays.length === 0) return null;
  const sorted = delays.toSorted((a, b) => a - b);
  return {
    samples: sorted.length,
    minMs: quantile(sorted, 0),
    medianMs: quantile(sorted, 0.5),
    meanMs: mean(sorted),
    p99Ms: quantile(sorted, 0.99),
    maxMs: quantile(sorted, 1),
    jitterMs: deviation(sorted),
  };
}

/** Of round trips in the order in which they began; null is one that did not end. */
export function roundTripFigures(roundTrips: readonly (number | null)[]): RoundTripFigures {
  const ended = roundTrips.filter((one) => one !== null);
  return { sent: roundTrips.length, received: ended.length, delay: delayFigures(ended) };
}
