import { divideHalfEven, invalidQuantity, type Probability, splitQuantity } from './quantity.ts';

const EXPECTED = 'Write a percentage from 0% to 100%, such as 1% or 0.05%.';

/** The kernel's "always": probabilities are u32, compared with a random u32 (net/sched/sch_netem.c). */
export const CERTAIN = 0xffff_ffff as Probability;

/**
 * Reads a percentage such as `1.5%` into the kernel's scale, rounded to the nearest and halves to the
 * even number, as tc does: the error is below 1.2e-8 percent.
 *
 * @throws NetweirError `invalid-quantity`
 */
export function parsePercent(text: string): Probability {
  const quantity = splitQuantity(text, EXPECTED);
  if (quantity.unit !== '%') {
    const problem = quantity.unit === '' ? 'has no %' : `has the unknown unit "${quantity.unit}"`;
    throw invalidQuantity(text, problem, EXPECTED);
  }
  const hundred = 100n * 10n ** BigInt(quantity.decimals);
  if (quantity.digits > hundred) throw invalidQuantity(text, 'is more than 100%', EXPECTED);
  return Number(divideHalfEven(quantity.digits * BigInt(CERTAIN), hundred)) as Probability;
}

/** The shortest percentage that `parsePercent` reads back as exactly this probability. */
export function formatPercent(probability: Probability): string {
  const percent = (probability / CERTAIN) * 100;
  for (let decimals = 0; decimals < 12; decimals++) {
    const digits = percent.toFixed(decimals);
    const text = decimals === 0 ? `${digits}%` : `${digits.replace(/\.?0+$/u, '')}%`;
    if (parsePercent(text) === probability) return text;
  }
  return `${percent.toFixed(12)}%`;
}
