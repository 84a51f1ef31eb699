import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roundTripOf } from './round-trip.ts';

const samples = (...times: (number | null)[]) =>
  times.map((rttMs, at) => ({ sentAtMs: at * 250, rttMs }));

test('a lost echo counts as lost and not in the median', () => {
  assert.deepEqual(roundTripOf(samples(10, null, 30, 20)), {
    currentMs: 20,
    medianMs: 20,
    lost: 1,
    sent: 4,
  });
});

test('the median of an even number is between the middle two', () => {
  assert.equal(roundTripOf(samples(1, 2, 4, 100)).medianMs, 3);
});

test('a last echo that was lost leaves no current time', () => {
  assert.equal(roundTripOf(samples(1, null)).currentMs, null);
});

test('without a sample there is nothing to say', () => {
  assert.deepEqual(roundTripOf([]), { currentMs: null, medianMs: null, lost: 0, sent: 0 });
});
