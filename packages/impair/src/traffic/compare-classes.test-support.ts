import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { TrafficMatch } from '@netweir/api';
import type { Way } from '../engine/hook.ts';
import { Classes } from './classes.test-support.ts';
import { Classifier, classifierTable } from './classifier.ts';
import { filtersOf, type RuleClassifier } from './filters.ts';
import { sampleOf } from './sample.test-support.ts';
import { termsOf } from './term.ts';

const ROUNDS = 4;

/** What our own classifier says, counted. */
function expectedOf(
  rules: readonly TrafficMatch[],
  frames: readonly Uint8Array[],
  way: Way,
): number[] {
  const classifier = new Classifier(
    classifierTable(rules.map((match) => termsOf(match, new Map(), way))),
  );
  const counts = new Array<number>(rules.length + 1).fill(0);
  for (const frame of frames) {
    const rule = classifier.classify(frame, 0, frame.length);
    const at = rule < 0 ? rules.length : rule;
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts;
}

/**
 * Compares what `tc` counts of random packets in the classes of random rules with what our own classifier says of them.
 */
export async function compareClasses(
  t: TestContext,
  classifier: RuleClassifier,
  way: Way,
  traits: { plain: boolean },
): Promise<void> {
  const classes = new Classes(t, `${classifier.slice(0, 1)}${way.slice(0, 1)}`, way);
  for (let round = 0; round < ROUNDS; round++) {
    const seed = Math.trunc(Math.random() * 0x7fff_ffff);
    const { rules, frames } = sampleOf(seed, way, traits);
    classes.setRules(rules.map((match) => filtersOf(termsOf(match, new Map(), way), classifier)));
    const expected = expectedOf(rules, frames, way);
    t.diagnostic(`seed ${seed}: ${expected}`);
    assert.deepEqual(await classes.countsOf(frames), expected, `seed ${seed}`);
  }
}
