import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ImpairmentReport } from '@netweir/api';
import { deedsOf } from './outcome.ts';
import { CLEAR } from './report.test-helper.ts';

const DELAYED: ImpairmentReport = {
  ...CLEAR,
  egress: { delay: { mean: '100ms' } },
  ingress: { delay: { mean: '50ms' } },
  ingressMechanism: 'userspace',
};
const SENT = { way: 'egress', summary: 'delay 100ms' };
const RECEIVED = { way: 'ingress', summary: 'delay 50ms' };

test('nothing in force is nobody’s deed', () => {
  assert.deepEqual(deedsOf(CLEAR), []);
});

test('both directions stand together where the same engine does both', () => {
  const report = { ...DELAYED, egressMechanism: 'userspace' } as const;
  assert.deepEqual(deedsOf(report), [{ doer: 'userspace', parts: [SENT, RECEIVED] }]);
});

test("the kernel's part and the engine's are told apart", () => {
  const report = { ...DELAYED, egressMechanism: 'netem' } as const;
  assert.deepEqual(deedsOf(report), [
    { doer: 'kernel', parts: [SENT] },
    { doer: 'userspace', parts: [RECEIVED] },
  ]);
});
