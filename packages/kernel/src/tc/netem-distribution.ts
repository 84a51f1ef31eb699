const TABLE_FACTOR = 8192;
const FINE_SIZE = 16_384;
/** Two such tables, of delays and of slots, have to fit into one attribute of at most 65535 bytes. */
const UNIFORM_SIZE = 8192;
const PARETO_SIZE = 65_536;
const S16_MAX = 32_767;
const S16_MIN = -32_768;

/** Delay distributions of iproute2 that can be computed, and the uniform one. */
export type NetemDistribution = 'uniform' | 'normal' | 'pareto' | 'paretonormal';

const tables = new Map<NetemDistribution, Int16Array>();

/**
 * The table of a distribution, for `delayDistribution` or `slotDistribution`: entries in 1/8192 of
 * a standard deviation, of which netem draws one per packet. normal, pareto and paretonormal have
 * the 4096 entries of iproute2's files. `uniform` has 8192 entries that rise evenly from -1 to 1;
 * it takes a netem that once got a table back to netem's own default, because a table cannot be
 * removed. Computed at first use and shared: do not write to it.
 */
export function netemDistribution(name: NetemDistribution): Int16Array {
  let table = tables.get(name);
  if (!table) {
    table = compute[name]();
    tables.set(name, table);
  }
  return table;
}

const compute: Record<NetemDistribution, () => Int16Array> = {
  uniform: () =>
    Int16Array.from({ length: UNIFORM_SIZE }, (_, index) => 2 * index + 1 - TABLE_FACTOR),
  normal: () => {
    const normal = normalQuantiles();
    return table((index) => normal[index * 4] ?? 0);
  },
  pareto: () => table(paretoQuantile),
  paretonormal: () => {
    const normal = normalQuantiles();
    return table((index) => Math.trunc(((normal[index * 4] ?? 0) + 3 * paretoQuantile(index)) / 4));
  },
};

function table(entry: (index: number) => number): Int16Array {
  return Int16Array.from({ length: FINE_SIZE / 4 }, (_, index) =>
    Math.max(S16_MIN, Math.min(S16_MAX, entry(index))),
  );
}

/**
 * Entry i is the largest step of x whose normal distribution function rounds to i/16384. The steps
 * of x are summed, not multiplied, as in the program that made iproute2's files: only so are
 * the roundings the same.
 */
function normalQuantiles(): Float64Array {
  const quantiles = new Float64Array(FINE_SIZE + 1);
  const step = 0.00005;
  let cumulated = 0;
  for (let x = -10; x < 10.05; x += step) {
    quantiles[roundHalfEven(FINE_SIZE * cumulated)] = x;
    const middle = x + step / 2;
    cumulated += (step * Math.exp(-0.5 * middle * middle)) / Math.sqrt(2 * Math.PI);
  }
  return quantiles.map((x) => roundHalfEven(x * TABLE_FACTOR));
}

/** A Pareto distribution with exponent 3, shifted to mean 0, scaled to deviation 1, and bounded. */
function paretoQuantile(index: number): number {
  const survival = (PARETO_SIZE - 16 * index) / PARETO_SIZE;
  const quantile = (survival ** (-1 / 3) - 1.5) * (4 / 3) * TABLE_FACTOR;
  return Math.min(S16_MAX, roundHalfEven(quantile));
}

function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
