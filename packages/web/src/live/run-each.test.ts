import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Progress, runEach } from './run-each.ts';

test('no more than the limit run at a time, and each is settled once', async () => {
  let running = 0;
  let most = 0;
  const settled: number[] = [];
  await runEach(
    [1, 2, 3, 4, 5, 6, 7],
    3,
    async () => {
      running++;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running--;
    },
    (item) => settled.push(item),
  );
  assert.equal(most, 3);
  assert.deepEqual(settled.sort(), [1, 2, 3, 4, 5, 6, 7]);
});

test('a failure is told with its reason and holds up none of the others', async () => {
  const states = new Map<string, Progress>();
  const refused = new Error('refused');
  await runEach(
    ['a', 'b', 'c'],
    1,
    (item) => (item === 'b' ? Promise.reject(refused) : Promise.resolve()),
    (item, progress) => states.set(item, progress),
  );
  assert.deepEqual(
    [...states],
    [
      ['a', { state: 'done' }],
      ['b', { state: 'failed', error: refused }],
      ['c', { state: 'done' }],
    ],
  );
});
