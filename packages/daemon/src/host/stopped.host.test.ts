import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change, Config } from '@netweir/api';
import { setStage, until } from './containers.test-support.ts';

for (const [what, config, expected] of [
  ['are told only of running ones', {}, 0],
  [
    'are told of all where the configuration says so',
    { containers: { show_stopped_containers: true } },
    1,
  ],
] satisfies [string, Config, number][]) {
  test(`those who watch containers ${what}`, async (t) => {
    const { open, start } = setStage(t);
    const host = await open('daemon', config);
    const told: Change[] = [];
    let shown = -1;
    const stop = await host.watch(
      (message) => {
        if (message.type === 'changes') told.push(...message.changes);
        else shown = message.inventory.stopped.length;
      },
      () => undefined,
    );
    t.after(stop);
    assert.equal(shown, 0);
    await start('old', { state: 'stopped', pid: null });
    await start('web');
    await until('the other is told', () =>
      told.some((one) => one.type === 'space' && one.space.id === 'docker:web'),
    );
    const lists = told.flatMap((one) => (one.type === 'stopped' ? [one.stopped] : []));
    assert.equal(lists.length, expected);
    assert.deepEqual((await host.inventory()).stopped.length, expected);
    assert.equal((await host.inventory({ stopped: true })).stopped.length, 1);
  });
}
