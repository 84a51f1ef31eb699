/** Which errors are too large. */
import { modelDelays } from './grid.mjs';
import { criticalDistance, distance } from './statistics.mjs';

/** On a machine whose kernel has no netem to compare with. */
const DELAY_LIMIT_MS = 0.3;
const RATE_LIMIT = 0.01;
/** Beside the kernel's netem. */
const RATIO_LIMIT = 1.5;

/** Adds to every row of the userspace engine its `error`, its `limit` and whether that is `kept`. */
export function judge(rows) {
  return rows.map((row) => {
    const kernel = rows.find((other) => isSame(row, other) && other.engine === 'kernel');
    if (row.samples) return judgeSamples(row, kernel);
    const error = row.achieved - row.expected;
    if (row.engine === 'kernel') return { ...row, error };
    const limit = limitOf(row, kernel);
    return { ...row, error, limit, kept: Math.abs(error) <= limit };
  });
}

function isSame(one, other) {
  return ['feature', 'set', 'figure', 'family'].every((key) => one[key] === other[key]);
}

function limitOf({ feature, expected, resolution }, kernel) {
  if (kernel) {
    const limit = RATIO_LIMIT * Math.abs(kernel.achieved - kernel.expected);
    // Of delays both errors are known with a chance error of their own, and so is what lies between them.
    if (feature === 'delay') return limit + Math.hypot(resolution, RATIO_LIMIT * kernel.resolution);
    return Math.max(limit, resolution);
  }
  if (feature === 'delay') return DELAY_LIMIT_MS;
  if (feature === 'rate') return expected * RATE_LIMIT;
  return resolution;
}

/** Kolmogorov and Smirnov's test at 1%: against the kernel's delays where there are any, else the model's table. */
function judgeSamples({ samples, ...row }, kernel) {
  const figure = { ...row, figure: 'Kolmogorov-Smirnov distance', unit: '', expected: 0 };
  const fromModel = distance(samples, modelDelays(row.set));
  if (row.engine === 'kernel') return { ...figure, achieved: fromModel, error: fromModel };
  const achieved = kernel ? distance(samples, kernel.samples) : fromModel;
  const limit = criticalDistance(samples.length, kernel ? kernel.samples.length : Infinity);
  return { ...figure, achieved, error: achieved, limit, kept: achieved <= limit };
}
