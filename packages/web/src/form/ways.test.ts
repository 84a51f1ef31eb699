import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isImpaired } from './ways.ts';

test('an interface is impaired when either of its directions is, or part of its traffic', () => {
  const direction = { delay: { mean: '1ms' } };
  assert.equal(isImpaired({ egress: null, ingress: null }), false);
  assert.equal(isImpaired({ egress: direction, ingress: null }), true);
  assert.equal(isImpaired({ egress: null, ingress: direction }), true);
  assert.equal(isImpaired({ egress: null, ingress: null, trafficRules: 1 }), true);
});
