import { describe, test } from 'node:test';
import { changesInPlace } from './inplace.test-support.ts';

describe('a change of values in place', () => {
  test('by the userspace engine loses and reorders nothing of what is sent', async (t) => {
    await changesInPlace(t, 'xe', { engine: 'userspace', way: 'egress' });
  });

  test('by the userspace engine loses and reorders nothing of what is received', async (t) => {
    await changesInPlace(t, 'xi', { engine: 'userspace', way: 'ingress' });
  });
});
