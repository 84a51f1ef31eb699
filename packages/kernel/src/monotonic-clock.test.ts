import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monotonicNs } from './monotonic-clock.ts';

test('the monotonic clock is that of process.hrtime', () => {
  for (let round = 0; round < 1000; round++) {
    const before = Number(process.hrtime.bigint());
    const now = monotonicNs();
    const after = Number(process.hrtime.bigint());
    assert(before <= now && now <= after, `${before} ${now} ${after}`);
  }
});
