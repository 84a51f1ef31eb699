/** A confidence interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Of the normal distribution, for two-sided intervals of 99%. */
const Z99 = 2.5758293035489;

export function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** The standard deviation of a sample; 0 for a single value. */
export function deviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  let sum = 0;
  for (const value of values) sum += (value - centre) ** 2;
  return Math.sqrt(sum / (values.length - 1));
}

/** The value below which a share of the values lies, by linear interpolation; they must be in order. */
export function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? below;
  return below + (above - below) * (at - Math.floor(at));
}

/**
 * How many independent values a series is worth, by the correlation of neighbours: what follows a first-order
 * process says less than as many independent values. Never more than there are.
 */
export function effectiveSize(values: readonly number[]): number {
  const { length } = values;
  if (length < 3) return length;
  const centre = mean(values);
  let variance = 0;
  let covariance = 0;
  let previous = 0;
  for (const value of values) {
    const off = value - centre;
    variance += off * off;
    covariance += off * previous;
    previous = off;
  }
  if (variance === 0) return length;
  const correlation = Math.min(0.999, Math.max(0, covariance / variance));
  // A correlation that independent values could have by chance says nothing.
  if (correlation < Z99 / Math.sqrt(length)) return length;
  return Math.max(2, (length * (1 - correlation)) / (1 + correlation));
}

/**
 * The 99% interval of a share (Wilson 1927), of which `size` independent trials were made; also good for
 * shares next to 0 and 1.
 */
export function shareInterval(share: number, size: number): Interval {
  if (size <= 0) return { low: 0, high: 1 };
  const z2 = Z99 * Z99;
  const centre = (share + z2 / (2 * size)) / (1 + z2 / size);
  const half =
    (Z99 * Math.sqrt((share * (1 - share)) / size + z2 / (4 * size * size))) / (1 + z2 / size);
  // At the ends rounding would leave a little beyond them.
  return {
    low: share === 0 ? 0 : Math.max(0, centre - half),
    high: share === 1 ? 1 : Math.min(1, centre + half),
  };
}

/** The 99% interval of a mean by Student's t distribution. */
export function meanInterval(values: readonly number[]): Interval {
  const centre = mean(values);
  const size = effectiveSize(values);
  if (values.length < 2) return { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const half = (studentQuantile(size - 1) * deviation(values)) / Math.sqrt(size);
  return { low: centre - half, high: centre + half };
}

/** The 99% interval of a median by the values' ranks, whatever their distribution; they must be in order. */
export function medianInterval(sorted: readonly number[]): Interval {
  const { length } = sorted;
  const half = (Z99 * Math.sqrt(length)) / 2;
  const low = Math.floor(length / 2 - half) - 1;
  const high = Math.ceil(length / 2 + half);
  return {
    low: sorted[low] ?? Number.NEGATIVE_INFINITY,
    high: sorted[high] ?? Number.POSITIVE_INFINITY,
  };
}

/** The 99% interval of a standard deviation, for many values of any distribution, by its kurtosis. */
export function deviationInterval(values: readonly number[]): Interval {
  const sigma = deviation(values);
  if (values.length < 4 || sigma === 0) {
    return { low: sigma, high: values.length < 4 ? Number.POSITIVE_INFINITY : sigma };
  }
  const centre = mean(values);
  const fourth = mean(values.map((value) => ((value - centre) / sigma) ** 4));
  const half = Z99 * sigma * Math.sqrt(Math.max(0.1, fourth - 1) / (4 * effectiveSize(values)));
  return { low: Math.max(0, sigma - half), high: sigma + half };
}

/**
 * The 99.5% quantile of Student's t distribution: exact for one and two degrees of freedom, else Hill's
 * expansion (1970), good to one in a hundred from three degrees on.
 */
export function studentQuantile(degrees: number): number {
  const n = Math.max(1, degrees);
  if (n < 1.5) return 63.657;
  if (n < 2.5) return 9.925;
  const z = Z99;
  return (
    z +
    (z ** 3 + z) / (4 * n) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * n ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * n ** 3) +
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / (92160 * n ** 4)
  );
}
