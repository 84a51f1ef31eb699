import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { netemDistribution } from '@netweir/kernel';
import fc from 'fast-check';
import { tabledist, tableOf } from './delay.ts';
import { Prng } from './prng.ts';
import { areOfOneDistribution, deviation, mean, sample } from './statistics.test-support.ts';

describe('tabledist', () => {
  test('without a deviation it is the mean', () => {
    assert.equal(tabledist(10, 0, 12_345, null), 10);
  });

  test('without a table it is spread from mean - jitter to below mean + jitter', () => {
    assert.equal(tabledist(100, 10, 0, null), 90);
    assert.equal(tabledist(100, 10, 19, null), 109);
    assert.equal(tabledist(100, 10, 20, null), 90);
    assert.equal(tabledist(0, 0x7fff_ffff, 0xffff_ffff, null), -0x7fff_ffff + 1);
  });

  test('a jitter above the delay gives negative delays', () => {
    assert.equal(tabledist(1_000_000, 50_000_000, 0, null), -49_000_000);
  });

  test('an entry of a table counts in 1/8192 of the jitter, rounded away from half', () => {
    const table = Int16Array.from([8192, -8192, 4096, -1, 1, 32_767, -32_768]);
    const at = (index: number, sigma: number): number => tabledist(0, sigma, index, table);
    assert.deepEqual([at(0, 1000), at(1, 1000), at(2, 1000)], [1000, -1000, 500]);
    assert.deepEqual([at(3, 4095), at(3, 4096), at(4, 4095), at(4, 4096)], [0, -1, 0, 1]);
    assert.deepEqual([at(3, 8192), at(4, 20_000), at(7, 1000)], [-1, 2, 1000]);
    assert.equal(at(6, 0x7fff_ffff), -4 * 0x7fff_ffff);
  });

  test('it calculates as 64-bit integers do', () => {
    const table = netemDistribution('normal');
    const s32 = fc.integer({ min: 1, max: 0x7fff_ffff });
    const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
    const mu = fc.integer({ min: 0, max: 2 ** 52 });
    fc.assert(
      fc.property(mu, s32, u32, (mean64, sigma, random) => {
        const entry = BigInt(table[random % table.length] ?? 0);
        const [wide, scale] = [BigInt(sigma), 8192n];
        const rest = (wide % scale) * entry;
        const rounded = (rest >= 0n ? rest + scale / 2n : rest - scale / 2n) / scale;
        const expected = rounded + (wide / scale) * entry + BigInt(mean64);
        assert.equal(BigInt(tabledist(mean64, sigma, random, table)), expected);
      }),
    );
  });
});

describe('distributions', () => {
  const [mu, sigma, count] = [100_000_000, 10_000_000, 200_000];
  const draw = (name: 'uniform' | 'normal' | 'pareto' | 'paretonormal'): number[] => {
    const prng = new Prng(7n);
    return sample(count, () => tabledist(mu, sigma, prng.next(), tableOf(name)));
  };

  test('uniform has the moments of its theory', () => {
    const delays = draw('uniform');
    assert.ok(Math.abs(mean(delays) - mu) < 0.01 * sigma);
    assert.ok(Math.abs(deviation(delays) - sigma / Math.sqrt(3)) < 0.01 * sigma);
  });

  for (const name of ['normal', 'pareto', 'paretonormal'] as const) {
    test(`${name} has the moments and the shape of its table`, () => {
      const delays = draw(name);
      const table = [...netemDistribution(name)].map((entry) => {
        const offset = (Math.abs(entry) * sigma) / 8192;
        return mu + Math.sign(entry) * Math.round(offset);
      });
      assert.ok(Math.abs(mean(delays) - mean(table)) < 0.01 * sigma);
      assert.ok(Math.abs(deviation(delays) - deviation(table)) < 0.02 * sigma);
      const other = new Prng(8n);
      const direct = sample(count, () => table[other.below(table.length)] ?? 0);
      assert.ok(areOfOneDistribution(delays, direct));
      const wider = delays.map((delay) => mu + (delay - mu) * 1.05);
      assert.ok(!areOfOneDistribution(wider, direct), 'the test sees 5% of width');
    });
  }
});
