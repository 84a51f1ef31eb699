import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bitRate, count, countdown, roundTripTime } from './format.ts';

test('rates have three digits and a prefix of 1,000', () => {
  const shown = [0, 999, 999.6, 1234, 45_678, 999_600, 1_234_567, 2.5e9].map(bitRate);
  assert.deepEqual(shown, [
    '0 bit/s',
    '999 bit/s',
    '1.00 kbit/s',
    '1.23 kbit/s',
    '45.7 kbit/s',
    '1.00 Mbit/s',
    '1.23 Mbit/s',
    '2.50 Gbit/s',
  ]);
});

test('round-trip times are exact where they are short', () => {
  const shown = [0.0421, 0.994, 0.996, 1.234, 12.34, 123.4, 1234].map(roundTripTime);
  assert.deepEqual(shown, [
    '0.042 ms',
    '0.994 ms',
    '1.00 ms',
    '1.23 ms',
    '12.3 ms',
    '123 ms',
    '1.23 s',
  ]);
});

test('a countdown ends at zero', () => {
  assert.equal(countdown(299_001), '5:00');
  assert.equal(countdown(61_000), '1:01');
  assert.equal(countdown(3_600_000), '1:00:00');
  assert.equal(countdown(-5), '0:00');
});

test('one thing has no s', () => {
  assert.equal(count(1, 'space'), '1 space');
  assert.equal(count(1000, 'space'), '1,000 spaces');
});
