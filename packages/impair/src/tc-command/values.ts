import { CERTAIN, formatPercent, type Probability } from '@netweir/api';

const TIME_UNITS = [
  [1_000_000_000, 's'],
  [1_000_000, 'ms'],
  [1_000, 'us'],
] as const;

/** Above it iproute2 before 6.9, which counts microseconds in 32 bits, would make a short delay of a long one. */
const MAX_OLD_DELAY_NS = 0xffff_ffff * 1_000;

/** The time of a slot as tc reads it to the same value: it reckons with doubles and rounds down, so in whole numbers. */
export function timeWord(ns: number): string {
  if (ns === 0) return '0us';
  const [scale, unit] = TIME_UNITS.find(([one]) => ns % one === 0) ?? [1, 'ns'];
  return `${ns / scale}${unit}`;
}

/**
 * A delay or a jitter as tc reads it to the same value, but that iproute2 before 6.9 takes whole microseconds;
 * nanoseconds it would refuse, and the whole line with them.
 */
export function delayWord(ns: number): string {
  if (ns > MAX_OLD_DELAY_NS) return `${ns}ns`;
  if (ns % 1_000 === 0) return timeWord(ns);
  const digits = `${Math.floor(ns / 1_000)}.${String(ns % 1_000).padStart(3, '0')}`;
  const shortest = `${digits.replace(/0+$/u, '')}us`;
  // tc cuts off fractions of a nanosecond: half of one makes up for a double that is too small.
  return nanosecondsByTc(shortest) === ns ? shortest : `${digits}5us`;
}

/** A rate as tc reads it to the same number of bytes per second. */
export function rateWord(bytesPerSecond: number): string {
  const bits = bytesPerSecond * 8;
  if (!Number.isSafeInteger(bits)) return `${bytesPerSecond}bps`;
  const [scale, unit] = [
    [1_000_000_000, 'gbit'] as const,
    [1_000_000, 'mbit'] as const,
    [1_000, 'kbit'] as const,
  ].find(([one]) => bits > 0 && bits % one === 0) ?? [1, 'bit'];
  return `${bits / scale}${unit}`;
}

/** A share as tc reads it to the same probability. */
export function percentWord(probability: number): string {
  const text = formatPercent(probability as Probability);
  // tc reckons with doubles, which the shortest text is exact enough for but in rare cases.
  return probabilityByTc(text) === probability
    ? text
    : `${((probability / CERTAIN) * 100).toFixed(12)}%`;
}

/** An amount of bytes. */
export function sizeWord(bytes: number): string {
  return `${bytes}b`;
}

/** Of microseconds. */
function nanosecondsByTc(text: string): number {
  return Math.trunc(Number.parseFloat(text) * 1_000);
}

function probabilityByTc(text: string): number {
  const scaled = (Number.parseFloat(text) / 100) * CERTAIN;
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
