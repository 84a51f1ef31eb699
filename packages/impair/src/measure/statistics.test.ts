import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  deviation,
  deviationInterval,
  effectiveSize,
  mean,
  meanInterval,
  medianInterval,
  quantile,
  shareInterval,
  studentQuantile,
} from './statistics.ts';

/** The same numbers in every run (Park and Miller 1988), from 0 to 1. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function near(value: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(value - expected) <= tolerance, `${value}, not ${expected} ± ${tolerance}`);
}

describe('statistics', () => {
  test('means, deviations and quantiles are those of textbooks', () => {
    const values = [2, 4, 4, 4, 5, 5, 7, 9];
    assert.equal(mean(values), 5);
    near(deviation(values), 2.13809, 1e-5);
    assert.equal(quantile(values, 0.5), 4.5);
    assert.equal(quantile(values, 0), 2);
    assert.equal(quantile(values, 1), 9);
    assert.equal(deviation([3]), 0);
  });

  test("Student's quantile is that of the tables for 99%", () => {
    const table: [number, number][] = [
      [1, 63.657],
      [2, 9.925],
      [3, 5.841],
      [5, 4.032],
      [10, 3.169],
      [30, 2.75],
      [1000, 2.581],
    ];
    for (const [degrees, expected] of table)
      near(studentQuantile(degrees), expected, expected / 100);
  });

  test("Wilson's interval is that of the literature, and ends at 0 and 1", () => {
    // 10 of 100 with z = 2.5758: 0.0443 to 0.2103.
    const { low, high } = shareInterval(0.1, 100);
    near(low, 0.0462, 0.002);
    near(high, 0.2032, 0.002);
    assert.equal(shareInterval(0, 100).low, 0);
    near(shareInterval(0, 100).high, 0.0622, 0.0005);
    assert.equal(shareInterval(1, 100).high, 1);
    assert.deepEqual(shareInterval(Number.NaN, 0), { low: 0, high: 1 });
  });

  test('intervals hold what they are for in 99 of 100 cases', () => {
    const draw = random(57);
    const misses = { mean: 0, median: 0, deviation: 0, share: 0 };
    const rounds = 1000;
    for (let round = 0; round < rounds; round++) {
      const values = Array.from({ length: 200 }, draw);
      const sorted = values.toSorted((a, b) => a - b);
      const lost = values.map((value) => (value < 0.05 ? 1 : 0));
      const miss = ({ low, high }: { low: number; high: number }, truth: number): number =>
        low <= truth && truth <= high ? 0 : 1;
      misses.mean += miss(meanInterval(values), 0.5);
      misses.median += miss(medianInterval(sorted), 0.5);
      misses.deviation += miss(deviationInterval(values), Math.sqrt(1 / 12));
      misses.share += miss(shareInterval(mean(lost), effectiveSize(lost)), 0.05);
    }
    for (const [name, count] of Object.entries(misses)) {
      assert.ok(count <= 25, `${name}: ${count} of ${rounds} missed`);
    }
  });

  test('what follows its neighbour counts for less, and what does not for as much', () => {
    const draw = random(7);
    const independent = Array.from({ length: 1000 }, draw);
    assert.ok(effectiveSize(independent) >= 900);
    let last = 0;
    const following = independent.map((value) => {
      last = 0.9 * last + value;
      return last;
    });
    // (1 - 0.9) / (1 + 0.9) of a thousand.
    near(effectiveSize(following), 53, 20);
    assert.equal(effectiveSize([1, 1, 1, 1]), 4);
  });

  test('too few values tell nothing', () => {
    assert.equal(meanInterval([1]).high, Number.POSITIVE_INFINITY);
    assert.equal(medianInterval([1, 2, 3]).low, Number.NEGATIVE_INFINITY);
    assert.equal(deviationInterval([1, 2]).high, Number.POSITIVE_INFINITY);
  });
});
