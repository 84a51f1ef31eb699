import { CERTAIN, formatPercent, type Probability } from '@netweir/api';

/** A time as tc reads it to the same value, but that iproute2 before 6.9 takes whole microseconds. */
export function timeWord(ns: number): string {
  if (ns === 0) return '0us';
  const [scale, unit] =
    ns % 1_000_000_000 === 0
      ? [1_000_000_000, 's']
      : ns % 1_000_000 === 0
        ? [1_000_000, 'ms']
        : [1_000, 'us'];
  return `${decimal(ns, scale)}${unit}`;
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
  return readByTc(text) === probability ? text : `${((probability / CERTAIN) * 100).toFixed(12)}%`;
}

/** An amount of bytes. */
export function sizeWord(bytes: number): string {
  return `${bytes}b`;
}

function readByTc(text: string): number {
  const scaled = (Number.parseFloat(text) / 100) * CERTAIN;
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

function decimal(value: number, scale: number): string {
  const rest = value % scale;
  const whole = (value - rest) / scale;
  if (rest === 0) return String(whole);
  const digits = String(scale).length - 1;
  return `${whole}.${String(rest).padStart(digits, '0').replace(/0+$/u, '')}`;
}
