import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DiscoveredInterface } from './model.ts';
import { sameCounters, sameInterface, samePeer } from './same.ts';

const counters = {
  atMs: 1,
  rxBytes: 0,
  txBytes: 0,
  rxPackets: 0,
  txPackets: 0,
  rxDropped: 0,
  txDropped: 0,
  rxErrors: 0,
  txErrors: 0,
};

const tbf = {
  ifindex: 2,
  handle: 0x10000,
  parent: 0xffff_ffff,
  kind: 'tbf',
  options: undefined,
  rawOptions: Uint8Array.of(1, 2),
  stats: undefined,
};

const veth: DiscoveredInterface = {
  ifindex: 2,
  name: 'v0',
  kind: 'veth',
  up: true,
  carrier: true,
  operstate: 'up',
  mtu: 1500,
  mac: '02:00:00:00:00:01',
  addresses: [{ address: '10.0.0.1', prefixLength: 24, family: 'ipv4', scope: 'global' }],
  master: null,
  peer: { space: 'host', interface: 'v1', ifindex: 3 },
  network: null,
  qdiscs: [tbf],
  counters,
};

test('an interface is the same as its copy, whatever its counters say', () => {
  const copy = { ...structuredClone(veth), counters: { ...counters, rxBytes: 5, atMs: 2 } };
  assert.equal(sameInterface(veth, copy), true);
});

const differences: readonly Partial<DiscoveredInterface>[] = [
  { ifindex: 3 },
  { name: 'v9' },
  { kind: 'bridge' },
  { up: false },
  { carrier: false },
  { operstate: 'down' },
  { mtu: 1400 },
  { mac: null },
  { addresses: [] },
  { addresses: [{ address: '10.0.0.1', prefixLength: 25, family: 'ipv4', scope: 'global' }] },
  { master: 'br0' },
  { peer: null },
  { network: { name: 'shop', driver: 'bridge', internal: true, gateways: [] } },
  { peer: { space: null, interface: 'v1', ifindex: 3 } },
  { qdiscs: [] },
  { qdiscs: [{ ...tbf, rawOptions: Uint8Array.of(1, 3) }] },
  { qdiscs: [{ ...tbf, handle: 0x20000 }] },
];

for (const difference of differences) {
  test(`an interface is another with ${JSON.stringify(difference)}`, () => {
    assert.equal(sameInterface(veth, { ...veth, ...difference }), false);
    assert.equal(sameInterface({ ...veth, ...difference }, veth), false);
  });
}

test('every member of an interface but its counters is compared', () => {
  const compared = new Set(differences.flatMap((difference) => Object.keys(difference)));
  assert.deepEqual(
    Object.keys(veth).filter((member) => !compared.has(member)),
    ['counters'],
  );
});

test('no peer is the same as no peer only', () => {
  assert.equal(samePeer(null, null), true);
  assert.equal(samePeer(null, veth.peer), false);
  assert.equal(samePeer(veth.peer, null), false);
});

test('counters are the same where nothing but the time differs', () => {
  assert.equal(sameCounters({ ...counters, atMs: 9 }, counters), true);
  for (const name of Object.keys(counters).filter((key) => key !== 'atMs')) {
    assert.equal(sameCounters(counters, { ...counters, [name]: 1 }), false, name);
  }
});
