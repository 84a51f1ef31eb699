import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Activities } from './activities.ts';

const gone = (): Error => new Error('gone');

describe('What runs in a node', () => {
  test('is all stopped, also where one cannot be', async () => {
    const activities = new Activities(gone);
    const stopped: string[] = [];
    activities.add(() => {
      throw new Error('stuck');
    });
    activities.add(async () => {
      await Promise.resolve();
      stopped.push('slow');
    });
    activities.add(() => stopped.push('quick'));
    await assert.rejects(activities.stop(), /stuck/);
    assert.deepEqual(stopped, ['quick', 'slow']);
  });

  test('is stopped at once where it begins after the end, also in a part', async () => {
    const activities = new Activities(gone);
    const part = activities.part();
    await activities.stop();
    for (const one of [activities, part, activities.part()]) {
      let stopped = false;
      one.add(() => {
        stopped = true;
      });
      assert.ok(stopped);
      assert.throws(() => one.check(), /gone/);
    }
  });

  test('of a part ends with it, and nothing else does', async () => {
    const activities = new Activities(gone);
    const part = activities.part();
    const stopped: string[] = [];
    activities.add(() => stopped.push('whole'));
    part.add(() => stopped.push('part'));
    await part.stop();
    activities.check();
    assert.deepEqual(stopped, ['part']);
    await activities.stop();
    assert.deepEqual(stopped, ['part', 'whole']);
  });
});
