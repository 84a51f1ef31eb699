import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ratesOf } from './throughput.ts';

const BITS = 10_000;
const MS = 1_000_000;

/** Packets one millisecond apart, which is 10 Mbit/s, as a reader sees them. */
const steady = Array.from({ length: 1000 }, (_, at) => at * MS);

describe('a rate', () => {
  test('is that of packets that come steadily', () => {
    const { bitPerSec, blockBitPerSec } = ratesOf(steady, BITS);
    assert.equal(bitPerSec, 10e6);
    assert.deepEqual(new Set(blockBitPerSec), new Set([10e6]));
    assert.equal(blockBitPerSec.length, 20);
  });

  test('is not that of a burst at the beginning', () => {
    const burst = [...Array.from({ length: 100 }, () => 0), ...steady.slice(0, 900)];
    assert.equal(ratesOf(burst, BITS).bitPerSec, 10e6);
  });

  test('is the same where the reader was late a few times', () => {
    const late = steady.map((at, index) =>
      index % 300 < 60 ? (index - (index % 300) + 60) * MS : at,
    );
    const { bitPerSec } = ratesOf(late, BITS);
    assert.ok(Math.abs(bitPerSec / 10e6 - 1) < 0.03, `${bitPerSec}`);
  });

  test('is none where next to nothing came', () => {
    assert.deepEqual(ratesOf([], BITS), { bitPerSec: 0, blockBitPerSec: [] });
    assert.deepEqual(ratesOf([1, 2, 3], BITS), { bitPerSec: 0, blockBitPerSec: [] });
  });
});
