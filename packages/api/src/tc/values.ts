import { CERTAIN } from '../units/percent.ts';
import {
  type BitsPerSecond,
  divideHalfEven,
  type Nanoseconds,
  type Probability,
} from '../units/quantity.ts';
import type { TcValue } from './words.ts';

/** `digits` times ten to the power of `exponent`, and what stands behind the number. */
interface TcNumber {
  readonly digits: bigint;
  readonly exponent: number;
  readonly unit: string;
}

/** What strtod reads of a number that is neither negative nor infinite. */
const NUMBER =
  /^(?:0x(?<hex>[\da-f]{1,13})|(?=\.?\d)(?<whole>\d{0,20})\.?(?<fraction>\d{0,20})(?:e(?<exponent>[+-]?\d{1,2}))?)(?<unit>[a-z%]*)$/iu;

const TIME_UNITS: ReadonlyMap<string, bigint> = units({
  ...{ s: 1_000_000_000n, sec: 1_000_000_000n, secs: 1_000_000_000n },
  ...{ ms: 1_000_000n, msec: 1_000_000n, msecs: 1_000_000n },
  ...{ us: 1_000n, usec: 1_000n, usecs: 1_000n },
  ...{ ns: 1n, nsec: 1n, nsecs: 1n },
});

const PREFIXES: Readonly<Record<string, bigint>> = {
  '': 1n,
  ...{ k: 1_000n, m: 1_000_000n, g: 1_000_000_000n, t: 1_000_000_000_000n },
  ...{ ki: 1n << 10n, mi: 1n << 20n, gi: 1n << 30n, ti: 1n << 40n },
};

/** In eighths of a byte. */
const SIZE_UNITS: ReadonlyMap<string, bigint> = units({
  ...{ '': 8n, b: 8n },
  ...{ k: 8n << 10n, kb: 8n << 10n, kbit: 1n << 10n },
  ...{ m: 8n << 20n, mb: 8n << 20n, mbit: 1n << 20n },
  ...{ g: 8n << 30n, gb: 8n << 30n, gbit: 1n << 30n },
});

const U32_MAX = 0xffff_ffff;
const S32_MAX = 0x7fff_ffff;

/** A time; a bare number is of microseconds. */
export const TIME: TcValue<Nanoseconds> = timeOf(1_000n, 'microseconds');

/** A time of a slot, the one place where tc takes a bare number for nanoseconds. */
export const SLOT_TIME: TcValue<Nanoseconds> = timeOf(1n, 'nanoseconds');

const SHARE = {
  name: 'a percentage',
  remedy: 'Write a percentage from 0% to 100%, such as 1% or 0.05%; tc takes 1 for 1%.',
};

/** A share; tc wants no % behind it. */
export const PERCENT: TcValue<Probability> = { ...SHARE, parse: (word) => sharesIn(word)?.share };

/** A share, and what is left of 100% (rounded by itself, so that both may add up to one too many). */
export const PERCENT_AND_REST: TcValue<{ share: Probability; rest: Probability }> = {
  ...SHARE,
  parse: sharesIn,
};

/** A rate in bits per second, 0 for none; `bps` is of bytes, and a bare number of bits. */
export const RATE: TcValue<BitsPerSecond | 0> = {
  name: 'a rate',
  remedy:
    'Write a rate such as 10mbit or 64kbit for bits, 1mbps for bytes; shares of a speed are not known here.',
  parse: (word) => {
    const number = numberIn(word);
    const bits = number && bitsPerRateUnit(number.unit.toLowerCase());
    if (!number || bits === undefined) return undefined;
    const rate = whole(number, bits, Number.MAX_SAFE_INTEGER);
    // The kernel counts in bytes: tc would turn less than one of them into no limit.
    if (rate === undefined || (rate < 8 && number.digits > 0n)) return undefined;
    return rate as BitsPerSecond | 0;
  },
};

/** A number of bytes; k, m and g are powers of 1,024, and kbit an eighth of them. */
export const SIZE: TcValue<number> = {
  name: 'a size',
  remedy: 'Write bytes such as 1600, 10kb or 32kbit; k is 1,024.',
  parse: (word) => {
    const number = numberIn(word);
    const eighths = number && SIZE_UNITS.get(number.unit.toLowerCase());
    return number && eighths !== undefined ? whole(number, eighths, U32_MAX, 8n) : undefined;
  },
};

/** A bucket, which may have the cell of its rate table behind a slash: that table is no longer used. */
export const BUCKET: TcValue<number> = {
  ...SIZE,
  parse: (word) => SIZE.parse(word.replace(/\/\d+$/u, '')),
};

export const UNSIGNED: TcValue<number> = integer('a whole number', 0, U32_MAX);
export const COUNT: TcValue<number> = integer('a whole number', 0, S32_MAX);
export const SIGNED: TcValue<number> = integer('a whole number', -S32_MAX - 1, S32_MAX);

/** A 64-bit number. */
export const SEED: TcValue<bigint> = {
  name: 'a seed',
  remedy: 'Write a whole number from 0 to 2^64 - 1.',
  parse: (word) => {
    const value = /^(?:0x[\da-f]{1,16}|\d{1,20})$/iu.test(word) ? BigInt(word) : undefined;
    return value !== undefined && value < 1n << 64n ? value : undefined;
  },
};

/** Without the names that every object has, which are no units. */
function units(scales: Readonly<Record<string, bigint>>): ReadonlyMap<string, bigint> {
  return new Map(Object.entries(scales));
}

function timeOf(bare: bigint, unit: string): TcValue<Nanoseconds> {
  return {
    name: 'a time',
    remedy: `Write a time such as 100ms, 1.5s, 250us or 40ns; a bare number means ${unit} here.`,
    parse: (word) => {
      const number = numberIn(word);
      const scale =
        number && (number.unit === '' ? bare : TIME_UNITS.get(number.unit.toLowerCase()));
      if (!number || scale === undefined) return undefined;
      return whole(number, scale, Number.MAX_SAFE_INTEGER) as Nanoseconds | undefined;
    },
  };
}

/** As strtol reads it without being told the base: 0x is of 16, and a 0 in front of 8. */
function integer(name: string, min: number, max: number): TcValue<number> {
  return {
    name,
    remedy: `Write a whole number from ${min} to ${max}.`,
    parse: (word) => {
      const match = /^(-?)(0x[\da-f]+|0[0-7]*|[1-9]\d*)$/iu.exec(word);
      if (!match) return undefined;
      const [, sign = '', digits = ''] = match;
      const value = Number(/^0[0-7]/u.test(digits) ? `0o${digits.slice(1)}` : digits);
      const signed = sign === '' || value === 0 ? value : -value;
      return signed >= min && signed <= max ? signed : undefined;
    },
  };
}

function bitsPerRateUnit(unit: string): bigint | undefined {
  const match = /^([kmgt]?i?)(bit|bps)$/u.exec(unit === '' ? 'bit' : unit);
  if (!match) return undefined;
  const prefix = PREFIXES[match[1] ?? ''];
  return prefix === undefined || match[2] === 'bit' ? prefix : prefix * 8n;
}

function numberIn(word: string): TcNumber | undefined {
  const groups = NUMBER.exec(word)?.groups;
  if (!groups) return undefined;
  const { hex, whole = '', fraction = '', exponent = '0', unit = '' } = groups;
  if (hex !== undefined) return { digits: BigInt(`0x${hex}`), exponent: 0, unit };
  return {
    digits: BigInt(whole + fraction),
    exponent: Number(exponent) - fraction.length,
    unit,
  };
}

function sharesIn(word: string): { share: Probability; rest: Probability } | undefined {
  const number = numberIn(word);
  if (!number || !(number.unit === '' || number.unit === '%')) return undefined;
  const { numerator, denominator } = ratioOf(number);
  const hundred = 100n * denominator;
  if (numerator > hundred) return undefined;
  const probability = (part: bigint): Probability =>
    Number(divideHalfEven(part * BigInt(CERTAIN), hundred)) as Probability;
  return { share: probability(numerator), rest: probability(hundred - numerator) };
}

function ratioOf({ digits, exponent }: TcNumber): { numerator: bigint; denominator: bigint } {
  const power = 10n ** BigInt(Math.abs(exponent));
  return exponent < 0
    ? { numerator: digits, denominator: power }
    : { numerator: digits * power, denominator: 1n };
}

/** The number times `scale` over `divisor`, rounded down as tc does; undefined above `max`. */
function whole(number: TcNumber, scale: bigint, max: number, divisor = 1n): number | undefined {
  const { numerator, denominator } = ratioOf(number);
  const value = (numerator * scale) / (denominator * divisor);
  return value > BigInt(max) ? undefined : Number(value);
}
