import {
  formatScaled,
  invalidQuantity,
  type Nanoseconds,
  scaleExactly,
  splitQuantity,
} from './quantity.ts';

const EXPECTED = 'Write a time with its unit, such as 100ms, 1.5s, 250us, 40ns, 5m or 1h.';

const NANOSECONDS_PER: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['min', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);

/**
 * Reads a time such as `100ms`. Units: ns, us (µs), ms, s, m (min), h; `m` is minutes, never
 * milliseconds. The result is exact.
 *
 * @throws NetweirError `invalid-quantity`
 */
export function parseDuration(text: string): Nanoseconds {
  const quantity = splitQuantity(text, EXPECTED);
  if (quantity.unit === '') throw invalidQuantity(text, 'has no unit', EXPECTED);
  const scale = NANOSECONDS_PER.get(quantity.unit);
  if (scale === undefined) {
    throw invalidQuantity(text, `has the unknown unit "${quantity.unit}"`, EXPECTED);
  }
  return scaleExactly(quantity, scale, 'a nanosecond', EXPECTED) as Nanoseconds;
}

/** Writes a time in the largest unit up to seconds that leaves it short; `parseDuration` reads it back exactly. */
export function formatDuration(duration: Nanoseconds): string {
  if (duration >= 1_000_000_000) return `${formatScaled(duration, 1_000_000_000)}s`;
  if (duration >= 1_000_000) return `${formatScaled(duration, 1_000_000)}ms`;
  if (duration >= 1_000) return `${formatScaled(duration, 1_000)}us`;
  return duration === 0 ? '0ms' : `${duration}ns`;
}
