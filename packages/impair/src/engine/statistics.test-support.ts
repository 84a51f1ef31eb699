import { Prng } from './prng.ts';

/** A generator that says what it is told, and then the last of it again and again. */
export class ScriptedPrng extends Prng {
  readonly #numbers: readonly number[];
  #at = 0;

  constructor(numbers: readonly number[]) {
    super(0n);
    this.#numbers = numbers;
  }

  override next(): number {
    // The fields are not there yet while the parent class warms up.
    if (!(#at in this)) return 0;
    const number = this.#numbers[Math.min(this.#at, this.#numbers.length - 1)] ?? 0;
    this.#at += 1;
    return number;
  }
}

export function sample<T>(count: number, draw: () => T): T[] {
  return Array.from({ length: count }, () => draw());
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

/** How much each value resembles the one before: -1 to 1. */
export function autocorrelation(values: readonly number[]): number {
  const middle = mean(values);
  const products = values
    .slice(1)
    .map((value, at) => (value - middle) * ((values[at] ?? 0) - middle));
  return mean(products) / deviation(values) ** 2;
}

/** The lengths of the runs of true. */
export function runs(events: readonly boolean[]): number[] {
  const lengths: number[] = [];
  let length = 0;
  for (const event of [...events, false]) {
    if (event) length += 1;
    else if (length > 0) {
      lengths.push(length);
      length = 0;
    }
  }
  return lengths;
}

/** Whether two samples may be of one distribution: Kolmogorov and Smirnov's test at 1%. */
export function areOfOneDistribution(a: readonly number[], b: readonly number[]): boolean {
  const left = Float64Array.from(a).sort();
  const right = Float64Array.from(b).sort();
  let [i, j, distance] = [0, 0, 0];
  while (i < left.length && j < right.length) {
    const value = Math.min(left[i] ?? 0, right[j] ?? 0);
    while (i < left.length && (left[i] ?? 0) <= value) i += 1;
    while (j < right.length && (right[j] ?? 0) <= value) j += 1;
    distance = Math.max(distance, Math.abs(i / left.length - j / right.length));
  }
  const critical = Math.sqrt(-0.5 * Math.log(0.01 / 2));
  return distance <= critical * Math.sqrt((a.length + b.length) / (a.length * b.length));
}
