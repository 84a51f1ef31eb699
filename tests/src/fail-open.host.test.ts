import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killUnderLoad, stopUnderLoad } from './support/fail-open.ts';

const rounds = Number(process.env.NETWEIR_FAIL_OPEN_ROUNDS ?? 3);

test(`after kill -9 of the engine's process under load, ${rounds} times, packets flow unimpaired within a second and nothing stays behind`, async (t) => {
  const gaps = (await killUnderLoad(rounds)).map(({ gapMs }) => Math.round(gapMs));
  gaps.sort((a, b) => a - b);
  const [least, median, worst] = [gaps[0], gaps[gaps.length >> 1], gaps.at(-1) ?? Infinity];
  t.diagnostic(`back after ${least} ms at least, ${median} ms in the median, ${worst} ms at most`);
  assert.ok(worst <= 1000, `it took ${worst} ms`);
});

test("while the engine's process is stopped, packets flow unimpaired, too", async () => {
  const { gapMs } = await stopUnderLoad();
  assert.ok(gapMs <= 1000, `it took ${Math.round(gapMs)} ms`);
});
