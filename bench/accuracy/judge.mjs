/** Which errors are too large. */
import { modelDelays } from './grid.mjs';
import { criticalDistance, distance } from './statistics.mjs';

/** On a machine whose kernel has no netem to compare with. */
const DELAY_LIMIT_MS = 0.3;
const RATE_LIMIT = 0.01;
/** Beside the kernel's netem. */
const RATIO_LIMIT = 1.5;

/** Adds to every row its `error` and, but to those of netem itself, its `limit` and whether that is `kept`. */
export function judge(rows) {
  return rows.map((row) => {
    const netem = rows.find((other) => isSame(row, other) && isNetem(other));
    if (row.samples) return judgeSamples(row, netem);
    const error = row.achieved - row.expected;
    if (row === netem) return { ...row, error };
    const limit = limitOf(row, netem);
    return { ...row, error, limit, kept: Math.abs(error) <= limit };
  });
}

function isSame(one, other) {
  return ['feature', 'set', 'figure', 'family'].every((key) => one[key] === other[key]);
}

/** The kernel's qdisc at an interface's root, without any detour. */
const isNetem = ({ engine, way, rule }) => engine === 'kernel' && way === 'egress' && !rule;

function limitOf({ feature, expected, resolution }, netem) {
  if (netem) {
    const limit = RATIO_LIMIT * Math.abs(netem.achieved - netem.expected);
    // Of delays both errors are known with a chance error of their own, and so is what lies between them.
    if (feature === 'delay') return limit + Math.hypot(resolution, RATIO_LIMIT * netem.resolution);
    return Math.max(limit, resolution);
  }
  if (feature === 'delay') return DELAY_LIMIT_MS;
  if (feature === 'rate') return expected * RATE_LIMIT;
  return resolution;
}

/** Kolmogorov and Smirnov's test at 1%: against netem's delays where there are any, else the model's table. */
function judgeSamples({ samples, ...row }, netem) {
  const figure = { ...row, figure: 'Kolmogorov-Smirnov distance', unit: '', expected: 0 };
  const fromModel = distance(samples, modelDelays(row.set));
  if (samples === netem?.samples) return { ...figure, achieved: fromModel, error: fromModel };
  const achieved = netem ? distance(samples, netem.samples) : fromModel;
  const limit = criticalDistance(samples.length, netem ? netem.samples.length : Infinity);
  return { ...figure, achieved, error: achieved, limit, kept: achieved <= limit };
}
