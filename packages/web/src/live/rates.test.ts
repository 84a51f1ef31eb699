import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Counters } from '@netweir/api';
import { RATE_HISTORY, RateSeries } from './rates.ts';

const AT_MS = 1_700_000_000_000;

function counters(atMs: number, rxBytes: number, txBytes: number): Counters {
  const none = { rxPackets: 0, txPackets: 0, rxDropped: 0, txDropped: 0, rxErrors: 0, txErrors: 0 };
  return { atMs: AT_MS + atMs, rxBytes, txBytes, ...none };
}

function recorded(...readings: [atMs: number, rxBytes: number, txBytes: number][]): RateSeries {
  const series = new RateSeries();
  for (const reading of readings) series.record(counters(...reading));
  return series;
}

describe('RateSeries', () => {
  test('a rate is the bytes between two readings in bits per second', () => {
    const { rxBitPerSec, txBitPerSec, atMs } = recorded([0, 1000, 50], [500, 2000, 50]).view();
    assert.deepEqual(rxBitPerSec, [16_000]);
    assert.deepEqual(txBitPerSec, [0]);
    assert.deepEqual(atMs, [AT_MS + 500]);
  });

  test('the first reading alone gives no rate', () => {
    assert.deepEqual(recorded([0, 1_000_000, 1]).view().rxBitPerSec, []);
  });

  test('a reading of the same moment, or an older one, is ignored', () => {
    const { rxBitPerSec } = recorded(
      [0, 0, 0],
      [1000, 125, 0],
      [1000, 9999, 0],
      [900, 1, 0],
    ).view();
    assert.deepEqual(rxBitPerSec, [1000]);
  });

  test('counters that start anew give no rate, and the next one counts from there', () => {
    const { rxBitPerSec } = recorded([0, 5000, 5000], [1000, 10, 10], [2000, 135, 10]).view();
    assert.deepEqual(rxBitPerSec, [1000]);
  });

  test('it keeps the last samples in their order', () => {
    const series = new RateSeries();
    let bytes = 0;
    for (let second = 0; second <= RATE_HISTORY + 7; second++) {
      bytes += second * 125;
      series.record(counters(second * 1000, bytes, 0));
    }
    const { rxBitPerSec, atMs } = series.view();
    assert.equal(rxBitPerSec.length, RATE_HISTORY);
    assert.equal(rxBitPerSec[0], 8000);
    assert.equal(rxBitPerSec.at(-1), (RATE_HISTORY + 7) * 1000);
    assert.deepEqual(
      atMs,
      atMs.toSorted((a, b) => a - b),
    );
  });

  test('silence for longer than usual drops to zero, a short one does not', () => {
    const series = recorded([0, 0, 0], [1000, 125, 0]);
    assert.equal(series.settle(AT_MS + 3900), false);
    assert.equal(series.settle(AT_MS + 4100), true);
    assert.deepEqual(series.view().rxBitPerSec, [1000, 0]);
  });

  test('the view is the same object until the next sample', () => {
    const series = recorded([0, 0, 0], [1000, 125, 0]);
    const before = series.view();
    assert.equal(series.view(), before);
    series.record(counters(2000, 250, 0));
    assert.notEqual(series.view(), before);
  });
});
