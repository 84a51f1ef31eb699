import { describe, test } from 'node:test';
import { compareClasses } from './compare-classes.test-support.ts';

describe('the classes that tc counts packets in are those that the userspace classifier finds', () => {
  for (const way of ['egress', 'ingress'] as const) {
    test(`with u32 on ${way}, of packets without unusual headers`, (t) =>
      compareClasses(t, 'u32', way, { plain: true }));
  }
});
