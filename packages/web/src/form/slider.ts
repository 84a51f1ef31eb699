import {
  type BitsPerSecond,
  CERTAIN,
  formatDuration,
  formatRate,
  isNetweirError,
  type Nanoseconds,
  parseDuration,
  parsePercent,
  parseRate,
} from '@netweir/api';

/** Positions of a slider: 0 is "not set", the rest lie between the scale's ends. */
export const SLIDER_STEPS = 120;

/** What a slider's positions mean. */
export interface Scale {
  readonly least: number;
  readonly most: number;
  readonly logarithmic: boolean;
  readonly parse: (text: string) => number;
  readonly format: (value: number) => string;
}

export const DELAY_SCALE: Scale = {
  least: 100_000,
  most: 10_000_000_000,
  logarithmic: true,
  parse: parseDuration,
  format: (value) => formatDuration(Math.round(value) as Nanoseconds),
};

export const RATE_SCALE: Scale = {
  least: 8_000,
  most: 10_000_000_000,
  logarithmic: true,
  parse: parseRate,
  format: (value) => formatRate(Math.round(value) as BitsPerSecond),
};

const percent = {
  parse: (text: string): number => (parsePercent(text) / CERTAIN) * 100,
  format: (value: number): string => `${value}%`,
};

/** For probabilities, where the small ones matter most. */
export const CHANCE_SCALE: Scale = { ...percent, least: 0.01, most: 100, logarithmic: true };

/** For correlations. */
export const PERCENT_SCALE: Scale = { ...percent, least: 1, most: 100, logarithmic: false };

/** The quantity at a position, in two digits; empty at 0. */
export function textAt(position: number, scale: Scale): string {
  if (position <= 0) return '';
  const share = (position - 1) / (SLIDER_STEPS - 1);
  const value = scale.logarithmic
    ? scale.least * (scale.most / scale.least) ** share
    : scale.least + (scale.most - scale.least) * share;
  return scale.format(Number(value.toPrecision(2)));
}

/** Where a quantity lies, clamped to the scale; 0 for one that is empty or cannot be read. */
export function positionOf(text: string, scale: Scale): number {
  const value = read(text, scale);
  if (!(value > 0)) return 0;
  const clamped = Math.min(Math.max(value, scale.least), scale.most);
  const share = scale.logarithmic
    ? Math.log(clamped / scale.least) / Math.log(scale.most / scale.least)
    : (clamped - scale.least) / (scale.most - scale.least);
  return 1 + share * (SLIDER_STEPS - 1);
}

function read(text: string, scale: Scale): number {
  try {
    return scale.parse(text);
  } catch (error) {
    if (!isNetweirError(error)) throw error;
    return Number.NaN;
  }
}
