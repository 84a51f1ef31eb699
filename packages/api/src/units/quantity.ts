import { NetweirError } from '../errors/netweir-error.ts';

declare const unit: unique symbol;

/** A time span in nanoseconds: a non-negative integer. */
export type Nanoseconds = number & { readonly [unit]: 'ns' };

/** A rate in bits per second: a positive integer. */
export type BitsPerSecond = number & { readonly [unit]: 'bit/s' };

/** A probability in the kernel's scale: 0 is never, 0xffffffff is always. */
export type Probability = number & { readonly [unit]: '1/0xffffffff' };

/** A number with the unit behind it, split but not interpreted. */
export interface Quantity {
  readonly text: string;
  /** The digits without their decimal point. */
  readonly digits: bigint;
  /** How many of the digits stand behind the decimal point. */
  readonly decimals: number;
  readonly unit: string;
}

const PATTERN = /^(\d{1,15})(?:\.(\d{1,15}))?\s?([^\d\s.].*)?$/u;
const EXPONENT = /^\s*\d+(\.\d+)?e[+-]?\d/iu;

/**
 * Splits `10.5ms` into number and unit. `expected` says in the error what to write instead.
 *
 * @throws NetweirError `invalid-quantity` for a sign, NaN, an exponent or no number at all
 */
export function splitQuantity(text: string, expected: string): Quantity {
  const match = EXPONENT.test(text) ? null : PATTERN.exec(text.trim());
  if (!match) throw invalidQuantity(text, complaint(text), expected);
  const [, whole = '', fraction = '', unitText = ''] = match;
  return {
    text,
    digits: BigInt(whole + fraction),
    decimals: fraction.length,
    unit: unitText.trim(),
  };
}

/**
 * The quantity times `scale`, as an integer.
 *
 * @throws NetweirError `invalid-quantity` where a fraction of the smallest unit is left, or the
 * result is too large to be exact
 */
export function scaleExactly(
  quantity: Quantity,
  scale: bigint,
  smallest: string,
  expected: string,
): number {
  const divisor = 10n ** BigInt(quantity.decimals);
  const scaled = quantity.digits * scale;
  if (scaled % divisor !== 0n) {
    throw invalidQuantity(quantity.text, `is finer than ${smallest}`, expected);
  }
  const value = scaled / divisor;
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw invalidQuantity(quantity.text, 'is too large', expected);
  }
  return Number(value);
}

/** The quotient of two numbers that are not negative, rounded to the nearest, halves to the even one. */
export function divideHalfEven(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const rest = 2n * (dividend % divisor);
  const isUp = rest > divisor || (rest === divisor && quotient % 2n === 1n);
  return isUp ? quotient + 1n : quotient;
}

/** The error for a text that is not the quantity wanted. */
export function invalidQuantity(text: string, problem: string, expected: string): NetweirError {
  return new NetweirError('invalid-quantity', `"${clip(text)}" ${problem}`, { remedy: expected });
}

function complaint(text: string): string {
  if (text.trim() === '') return 'is empty';
  if (/^\s*[-−]/u.test(text)) return 'is negative';
  if (/^\s*\+?(nan|inf|infinity)/iu.test(text)) return 'is not a finite number';
  if (EXPONENT.test(text)) return 'has an exponent';
  return 'is not a number with a unit';
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** `value / scale` in decimal notation, without trailing zeros: the inverse of `scaleExactly`. */
export function formatScaled(value: number, scale: number): string {
  const whole = Math.floor(value / scale);
  const rest = value % scale;
  if (rest === 0) return String(whole);
  const decimals = String(scale).length - 1;
  return `${whole}.${String(rest).padStart(decimals, '0').replace(/0+$/u, '')}`;
}
