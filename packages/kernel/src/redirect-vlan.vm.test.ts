import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADDRESSES, makeRoute, ping, startLoop } from './redirect-route.test-support.ts';
import type { Space } from './route/witness.test-support.ts';

function addVlan({ run }: Space, parent: string, address: string): void {
  run('ip', 'link', 'add', 'link', parent, 'name', 'vlan7', 'type', 'vlan', 'id', '7');
  run('ip', 'addr', 'add', address, 'dev', 'vlan7');
  run('ip', 'link', 'set', 'vlan7', 'up');
}

test('frames taken through user space keep their VLAN tags', async (t) => {
  const route = makeRoute(t, 'vlan');
  addVlan(route.near, 'v0', '10.8.0.1/24');
  addVlan(route.far, 'v1', '10.8.0.2/24');
  const loop = await startLoop(t, route);
  ping(route.near, '10.8.0.2', 20);
  ping(route.far, '10.8.0.1', 20);
  ping(route.near, ADDRESSES.ipv4[1], 5);
  const { egress, ingress } = await loop.counters();
  assert(egress.frames >= 40 && ingress.frames >= 40, JSON.stringify({ egress, ingress }));
  assert.deepEqual([egress.refused, ingress.refused], [0, 0]);
  assert.ok(egress.stamped >= 5 && ingress.stamped >= 5, 'the others are stamped');
});
