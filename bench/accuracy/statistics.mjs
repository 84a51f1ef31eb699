/** What can be said of samples. */

/** The value below which a share of the values lies. */
function quantile(values, share) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export const median = (values) => quantile(values, 0.5);

/** The greatest distance between the distribution functions of two samples (Kolmogorov and Smirnov). */
export function distance(one, other) {
  const left = Float64Array.from(one).sort();
  const right = Float64Array.from(other).sort();
  let [i, j, greatest] = [0, 0, 0];
  while (i < left.length && j < right.length) {
    const value = Math.min(left[i], right[j]);
    while (left[i] <= value) i += 1;
    while (right[j] <= value) j += 1;
    greatest = Math.max(greatest, Math.abs(i / left.length - j / right.length));
  }
  return greatest;
}

/** The distance that two samples of one distribution, of these sizes, exceed in one case of a hundred. */
export function criticalDistance(one, other) {
  return Math.sqrt(-0.5 * Math.log(0.01 / 2) * (1 / one + 1 / other));
}

/** Half of the interval in which a mean of `count` values with this deviation lies in 999 of 1,000 cases. */
export function halfInterval(deviation, count) {
  return (3.29 * deviation) / Math.sqrt(count);
}

/** Student's t for 999 of 1,000 cases, by how many values there are. */
const STUDENT = { 3: 31.6, 6: 6.869 };

export function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** As `halfInterval`, where the deviation is known from these values alone. */
export function meanInterval(values) {
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const deviation = Math.sqrt(squares / (values.length - 1));
  return (STUDENT[values.length] * deviation) / Math.sqrt(values.length);
}

/** The line through points whose `ys` vary by chance (least squares), and half of the interval of its slope. */
export function line(xs, ys) {
  const [centreX, centreY] = [mean(xs), mean(ys)];
  const squares = xs.reduce((sum, x) => sum + (x - centreX) ** 2, 0);
  const slope =
    xs.reduce((sum, x, index) => sum + (x - centreX) * (ys[index] - centreY), 0) / squares;
  const rest = xs.reduce(
    (sum, x, index) => sum + (ys[index] - centreY - slope * (x - centreX)) ** 2,
    0,
  );
  return { slope, interval: 3.29 * Math.sqrt(rest / (xs.length - 2) / squares) };
}

/** The same of a share that is counted. */
export function shareInterval(probability, count) {
  return halfInterval(Math.sqrt(probability * (1 - probability)), count);
}
