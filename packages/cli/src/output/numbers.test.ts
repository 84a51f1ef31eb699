import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBitRate, formatBytes, formatCountdown } from './numbers.ts';

test('amounts are in bytes with powers of 1,024', () => {
  const amounts = [0, 1023, 1024, 1_572_864, 1_048_524, 1_048_575, 123_456_789, 2 ** 50, 2 ** 62];
  assert.deepEqual(amounts.map(formatBytes), [
    ...['0 B', '1023 B', '1.0 KiB', '1.5 MiB', '1.0 MiB', '1.0 MiB', '118 MiB'],
    ...['1.0 PiB', '4096 PiB'],
  ]);
});

test('rates are in bits with powers of 1,000', () => {
  const rates = [0, 999, 999.96, 1000, 12_345_678, 999_999_999, 2.5e12];
  assert.deepEqual(rates.map(formatBitRate), [
    ...['0 bit/s', '999 bit/s', '1.0 kbit/s', '1.0 kbit/s', '12.3 Mbit/s', '1.0 Gbit/s'],
    '2.5 Tbit/s',
  ]);
});

test('a countdown is in the two largest units', () => {
  const times = [-1, 0, 1, 59_000, 60_000, 270_000, 3_600_000, 90_061_000];
  assert.deepEqual(times.map(formatCountdown), [
    ...['now', 'now', '1s', '59s', '1m 0s', '4m 30s', '1h 0m', '25h 1m'],
  ]);
});
