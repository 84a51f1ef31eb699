import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { oneWayFigures, resultOf } from './stream.ts';

const MS = 1_000_000;
const NO_THROUGHPUT = { udpBitPerSec: null, tcpBitPerSec: null };

function figures(sent: number, arrivals: readonly (readonly [number, number, boolean?])[]) {
  return oneWayFigures(
    resultOf({
      sentAtNs: Array.from({ length: sent }, (_, sequence) => sequence * 10 * MS),
      arrivals: arrivals.map(([sequence, atMs, corrupted = false]) => ({
        sequence,
        atNs: atMs * MS,
        corrupted,
      })),
    }),
    NO_THROUGHPUT,
  );
}

describe('a stream', () => {
  test('tells the delay of each packet by its first copy', () => {
    const { delay, duplicated, received } = figures(2, [
      [0, 5],
      [0, 50],
      [1, 17],
    ]);
    assert.equal(received, 2);
    assert.equal(duplicated, 1);
    assert.equal(delay?.minMs, 5);
    assert.equal(delay?.maxMs, 7);
    assert.equal(delay?.meanMs, 6);
  });

  test('counts what did not come as lost, and has no delay of nothing', () => {
    const { lost, delay } = figures(3, []);
    assert.equal(lost, 3);
    assert.equal(delay, null);
  });

  test('counts packets that overtake as reordered, and not those that are overtaken', () => {
    // 3 jumps ahead of 1 and 2; that 0 is lost disturbs nobody.
    const { reordered } = figures(5, [
      [3, 31],
      [1, 60],
      [2, 70],
      [4, 90],
    ]);
    assert.equal(reordered, 1);
  });

  test('counts what came damaged, and ignores numbers that were never sent', () => {
    const { corrupted, received } = figures(2, [
      [0, 1, true],
      [1, 11],
      [99, 12],
    ]);
    assert.equal(corrupted, 1);
    assert.equal(received, 2);
  });
});
