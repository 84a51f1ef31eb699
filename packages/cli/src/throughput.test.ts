import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Interface, Inventory, Space } from '@netweir/api';
import { INVENTORY } from './test-support/fixtures.ts';
import { ThroughputMeter } from './throughput.ts';

/** The throughput of host/lo after its counters have been read as given: [atMs, rxBytes, txBytes]. */
function measured(...readings: readonly (readonly [number, number, number])[]): unknown {
  const meter = new ThroughputMeter();
  let last: [Space, Interface] | undefined;
  for (const [atMs, rxBytes, txBytes] of readings) {
    const [host] = INVENTORY.spaces;
    const [lo] = host?.interfaces ?? [];
    assert.ok(host && lo);
    const one = { ...lo, counters: { ...lo.counters, atMs, rxBytes, txBytes } };
    const space = { ...host, interfaces: [one] };
    const inventory: Inventory = { ...INVENTORY, spaces: [space] };
    meter.update(inventory);
    last = [space, one];
  }
  return last && meter.of(...last);
}

test('one reading gives no throughput', () => {
  assert.equal(measured([1000, 0, 0]), undefined);
});

test('two readings give bits per second', () => {
  const expected = { rxBitPerSec: 4000, txBitPerSec: 400 };
  assert.deepEqual(measured([1000, 0, 0], [3000, 1000, 100]), expected);
});

test('the same reading again keeps the throughput', () => {
  const expected = { rxBitPerSec: 8000, txBitPerSec: 0 };
  assert.deepEqual(measured([1000, 0, 0], [2000, 1000, 0], [2000, 1000, 0]), expected);
});

test('counters or clocks that go back give no throughput', () => {
  assert.equal(measured([1000, 500, 0], [2000, 400, 0]), undefined);
  assert.equal(measured([2000, 0, 0], [1000, 400, 0]), undefined);
});
