import assert from 'node:assert/strict';
import { test } from 'node:test';
import { otherEnds } from './application-ends.ts';
import { nic, space } from './inventory.test-helper.ts';

const HOST = space('host', 'host', {
  interfaces: [
    nic('br0', { ifindex: 4, kind: 'bridge' }),
    nic('bond0', { ifindex: 5, kind: 'bond' }),
    nic('veth7', { ifindex: 7, master: 'br0' }),
    nic('veth8', { ifindex: 8, master: 'bond0' }),
  ],
});
const peered = (name: string | null, ifindex: number) =>
  nic('eth0', { peer: { space: name === null ? null : 'host', interface: name, ifindex } });

test('the other end and its bridge are named', () => {
  assert.deepEqual(otherEnds(peered('veth7', 7), [HOST]), [
    { role: 'peer', reference: { space: 'host', interface: 'veth7' } },
    { role: 'bridge', reference: { space: 'host', interface: 'br0' } },
  ]);
});

test('a master that is no bridge is none', () => {
  assert.deepEqual(
    otherEnds(peered('veth8', 8), [HOST]).map(({ role }) => role),
    ['peer'],
  );
});

test('an end that is not known here is left out', () => {
  assert.deepEqual(otherEnds(peered(null, 7), [HOST]), []);
  assert.deepEqual(otherEnds(peered('veth9', 9), [HOST]), []);
  assert.deepEqual(otherEnds(nic('eth0'), [HOST]), []);
});
