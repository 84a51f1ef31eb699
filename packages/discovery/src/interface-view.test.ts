import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindOf } from './interface-view.ts';

test('an interface without a driver name is physical, unless it is a loopback', () => {
  assert.equal(kindOf({ kind: undefined, loopback: true }), 'loopback');
  assert.equal(kindOf({ kind: undefined, loopback: false }), 'physical');
  assert.equal(kindOf({ kind: 'tun', loopback: false }), 'tun');
});
