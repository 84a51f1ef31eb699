import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KEPT_LEASE, leaseInForce, leaseProblem, leaseTime, NO_LEASE } from './lease.ts';

test('a choice is sent as it is, and no choice is not sent', () => {
  assert.equal(leaseTime(NO_LEASE), '');
  assert.equal(leaseTime({ choice: '5m', custom: 'ignored' }), '5m');
  assert.equal(leaseProblem({ choice: '5m', custom: 'ignored' }), undefined);
});

test("a time of one's own must be one", () => {
  assert.equal(leaseTime({ choice: 'custom', custom: ' 90s ' }), '90s');
  assert.equal(leaseProblem({ choice: 'custom', custom: '90s' }), undefined);
  assert.match(leaseProblem({ choice: 'custom', custom: '90' }) ?? '', /with its unit/u);
});

test('an end that is set stays, unless another time was chosen', () => {
  const end = '2026-11-22T12:00:00Z';
  assert.equal(leaseInForce(undefined, null), NO_LEASE);
  assert.equal(leaseInForce(undefined, end), KEPT_LEASE);
  assert.equal(leaseInForce(NO_LEASE, end), NO_LEASE);
  assert.equal(leaseInForce(KEPT_LEASE, null), NO_LEASE);
  assert.equal(leaseTime(KEPT_LEASE), '');
});
