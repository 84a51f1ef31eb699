import { describe, test } from 'node:test';
import { changesInPlace } from './inplace.test-support.ts';

describe('a change of values in place', () => {
  test('by the kernel loses and reorders nothing of what is sent', async (t) => {
    await changesInPlace(t, 'ke', { engine: 'kernel', way: 'egress' });
  });

  test('by the kernel loses and reorders nothing of what is received', async (t) => {
    await changesInPlace(t, 'ki', { engine: 'kernel', way: 'ingress' });
  });
});
