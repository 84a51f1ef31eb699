import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LearnedTime } from './learned-time.ts';
import { Prng } from './prng.ts';

const TWO_32 = 0x1_0000_0000;

describe('LearnedTime', () => {
  test('settles at the quantile that its steps tell, whatever single measurements are', () => {
    const prng = new Prng(1n);
    const learned = new LearnedTime({ startNs: 0, upNs: 300, downNs: 100, maxNs: 1_000_000 });
    let sum = 0;
    for (let turn = 0; turn < 20_000; turn++) {
      const isOutlier = turn % 100 === 0;
      learned.learn(isOutlier ? 1e9 : (prng.next() / TWO_32) * 100_000);
      if (turn >= 10_000) sum += learned.ns / 10_000;
    }
    assert(Math.abs(sum - 75_000) < 3000, `${sum} ns`);
  });

  test('begins with what it is told and stays between 0 and its maximum', () => {
    const learned = new LearnedTime({ startNs: 500, upNs: 300, downNs: 100, maxNs: 1000 });
    assert.equal(learned.ns, 500);
    for (let turn = 0; turn < 10; turn++) learned.learn(1e9);
    assert.equal(learned.ns, 1000);
    for (let turn = 0; turn < 20; turn++) learned.learn(-1);
    assert.equal(learned.ns, 0);
  });
});
