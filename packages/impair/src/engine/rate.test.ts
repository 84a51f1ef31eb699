import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BitsPerSecond } from '@netweir/api';
import { packetTimeNs, serialise } from './rate.ts';

const rate = (
  bitPerSec: number,
  [packetOverheadBytes, cellBytes, cellOverheadBytes]: [number, number, number] = [0, 0, 0],
): Parameters<typeof packetTimeNs>[1] => ({
  bitPerSec: bitPerSec as BitsPerSecond,
  packetOverheadBytes,
  cellBytes,
  cellOverheadBytes,
});

describe('packetTimeNs', () => {
  test('is the length over the rate, in whole nanoseconds', () => {
    assert.equal(packetTimeNs(1500, rate(12_000_000)), 1_000_000);
    assert.equal(packetTimeNs(98, rate(8000)), 98_000_000);
    assert.equal(packetTimeNs(1, rate(3_000_000_000)), 2);
    assert.equal(packetTimeNs(65_549, rate(1)), 524_392_000_000_000);
  });

  test('counts the overhead of the packet, which may be negative, but never below nothing', () => {
    assert.equal(packetTimeNs(100, rate(8000, [20, 0, 0])), 120_000_000);
    assert.equal(packetTimeNs(100, rate(8000, [-14, 0, 0])), 86_000_000);
    assert.equal(packetTimeNs(100, rate(8000, [-200, 0, 0])), 0);
  });

  test('fills whole cells, each with its overhead', () => {
    // 100 bytes are 3 ATM cells of 53 bytes; 96 are 2.
    assert.equal(packetTimeNs(100, rate(8000, [0, 48, 5])), 159_000_000);
    assert.equal(packetTimeNs(96, rate(8000, [0, 48, 5])), 106_000_000);
    assert.equal(packetTimeNs(96, rate(8000, [1, 48, 5])), 159_000_000);
  });
});

describe('serialise', () => {
  const serialisedDueNs = (
    nowNs: number,
    delayNs: number,
    lastDueNs: number,
    packetNs: number,
  ): number => {
    const fate = { dueNs: 0 };
    serialise(fate, { nowNs, lastDueNs }, delayNs, packetNs);
    return fate.dueNs;
  };

  test('with an empty queue a packet takes its delay and its own time', () => {
    assert.equal(serialisedDueNs(1000, 50, -Infinity, 7), 1057);
  });

  test('behind a queue the wait counts towards the delay', () => {
    assert.equal(serialisedDueNs(1000, 50, 1030, 7), 1057);
    assert.equal(serialisedDueNs(1000, 50, 1080, 7), 1087);
  });

  test('behind a packet that should be gone already the delay counts from now', () => {
    assert.equal(serialisedDueNs(1000, 50, 990, 7), 1057);
  });
});
