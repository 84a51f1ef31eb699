import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { CounterClock } from './counters.ts';

function startClock(t: TestContext): { clock: CounterClock; ticks: () => number } {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const tick = t.mock.fn();
  return { clock: new CounterClock(tick), ticks: () => tick.mock.callCount() };
}

test('nothing ticks without a holder', (t) => {
  const { clock, ticks } = startClock(t);
  t.mock.timers.tick(10_000);
  const release = clock.hold(100);
  release();
  t.mock.timers.tick(10_000);
  assert.equal(ticks(), 0);
});

test('the shortest interval of all holders counts', (t) => {
  const { clock, ticks } = startClock(t);
  clock.hold(1000);
  const release = clock.hold(100);
  t.mock.timers.tick(1000);
  assert.equal(ticks(), 10);
  release();
  t.mock.timers.tick(1000);
  assert.equal(ticks(), 11);
});

test('a hold that is ended twice ends no other', (t) => {
  const { clock, ticks } = startClock(t);
  const release = clock.hold(100);
  clock.hold(100);
  release();
  release();
  t.mock.timers.tick(100);
  assert.equal(ticks(), 1);
});
