import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crashRounds } from './support/crash-rounds.ts';

const rounds = Number(process.env.NETWEIR_CRASH_ROUNDS ?? 12);

test(`after kill -9 at a random instant of random changes, ${rounds} times, every kind of original is restored`, async (t) => {
  const figures = await crashRounds(rounds);
  t.diagnostic(JSON.stringify(figures));
  assert.ok(figures.leftBehind > 0, 'no kill left anything behind, so that nothing was proved');
});
