import { describe, test } from 'node:test';
import { foreignTreesReturn } from './foreign-trees-return.test-support.ts';

describe('fifty trees of other people, made up at random, are as they were', () => {
  test('after an impairment of what is sent by the kernel', async (t) => {
    await foreignTreesReturn(t, 50, { egress: { rate: { rate: '5mbit' } }, engine: 'kernel' });
  });

  test('after an impairment of what is sent and received by the kernel', async (t) => {
    const both = { rate: { rate: '5mbit' }, delay: { mean: '1ms' } };
    await foreignTreesReturn(t, 50, { egress: both, ingress: both, engine: 'kernel' });
  });
});
