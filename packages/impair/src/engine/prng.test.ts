import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { blend, CorrelatedRandom, Prng } from './prng.ts';
import { autocorrelation, sample } from './statistics.test-support.ts';

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });

describe('Prng', () => {
  test('the same seed gives the same numbers, and seeding again starts them anew', () => {
    const prng = new Prng(0x0123_4567_89ab_cdefn);
    const first = sample(1000, () => prng.next());
    prng.seed(0x0123_4567_89ab_cdefn);
    assert.deepEqual(
      sample(1000, () => prng.next()),
      first,
    );
  });

  test('seeds that differ in one bit give unrelated numbers', () => {
    for (const bit of [0n, 31n, 32n, 63n]) {
      const [left, right] = [new Prng(5n), new Prng(5n ^ (1n << bit))];
      const same = sample(10_000, () => left.next() === right.next()).filter(Boolean);
      assert.ok(same.length <= 2, `bit ${bit}: ${same.length} of 10,000 are the same`);
    }
  });

  test('every bit is set half of the time', () => {
    const prng = new Prng(1n);
    const numbers = sample(100_000, () => prng.next());
    for (let bit = 0; bit < 32; bit++) {
      const set = numbers.filter((number) => (number >>> bit) & 1).length;
      assert.ok(Math.abs(set - 50_000) < 700, `bit ${bit} is set ${set} times of 100,000`);
    }
  });

  test('numbers below a bound are spread evenly', () => {
    const prng = new Prng(2n);
    const counts = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 100_000; draw++) {
      const number = prng.below(10);
      counts[number] = (counts[number] ?? 0) + 1;
    }
    assert.equal(counts.length, 10);
    assert.ok(
      counts.every((count) => Math.abs(count - 10_000) < 400),
      String(counts),
    );
  });
});

describe('CorrelatedRandom', () => {
  test('blends as 64-bit integers do', () => {
    fc.assert(
      fc.property(u32, u32, u32, (value, last, rho) => {
        const weight = BigInt(rho) + 1n;
        const sum = BigInt(value) * ((1n << 32n) - weight) + BigInt(last) * weight;
        assert.equal(blend(value, last, rho + 1), Number(sum >> 32n));
      }),
      { numRuns: 20_000 },
    );
  });

  test('without a correlation it passes the numbers on', () => {
    const [left, right] = [new Prng(3n), new Prng(3n)];
    const random = new CorrelatedRandom(left, 0);
    assert.deepEqual(
      sample(100, () => random.next()),
      sample(100, () => right.next()),
    );
  });

  test('a correlation of 100% repeats for ever', () => {
    const random = new CorrelatedRandom(new Prng(4n), 0xffff_ffff);
    assert.equal(new Set(sample(100, () => random.next())).size, 1);
  });

  for (const percent of [10, 25, 50, 90]) {
    test(`a correlation of ${percent}% is one of ${percent}%`, () => {
      const random = new CorrelatedRandom(new Prng(5n), Math.round(0xffff_ffff * (percent / 100)));
      const numbers = sample(200_000, () => random.next());
      assert.ok(Math.abs(autocorrelation(numbers) - percent / 100) < 0.01);
    });
  }
});
