import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InterfaceAddress, Link } from '@netweir/kernel';
import { kindOf, viewOf } from './interface-view.ts';

test('an interface without a driver name is physical, unless it is a loopback', () => {
  assert.equal(kindOf({ kind: undefined, loopback: true }), 'loopback');
  assert.equal(kindOf({ kind: undefined, loopback: false }), 'physical');
  assert.equal(kindOf({ kind: 'tun', loopback: false }), 'tun');
});

test('the scope of an address is named', () => {
  const scopes = [0, 200, 253, 254, 255].map((scope) => {
    const address = { address: '10.0.0.1', prefixLength: 8, family: 4, scope } as InterfaceAddress;
    const record = { link: {} as Link, addresses: [address], qdiscs: [], atMs: 0 };
    return viewOf(record, { master: null, peer: null, networkOf: () => null }).addresses[0]?.scope;
  });
  assert.deepEqual(scopes, ['global', 'site', 'link', 'host', 'nowhere']);
});

test('the counters carry the time of their reading', () => {
  const stats = {
    rxPackets: 1,
    txPackets: 2,
    rxBytes: 3,
    txBytes: 4,
    rxErrors: 5,
    txErrors: 6,
    rxDropped: 7,
    txDropped: 8,
    multicast: 9,
    collisions: 10,
  };
  const record = { link: { stats } as Link, addresses: [], qdiscs: [], atMs: 1234 };
  assert.deepEqual(viewOf(record, { master: 'br0', peer: null, networkOf: () => null }).counters, {
    atMs: 1234,
    rxBytes: 3,
    txBytes: 4,
    rxPackets: 1,
    txPackets: 2,
    rxDropped: 7,
    txDropped: 8,
    rxErrors: 5,
    txErrors: 6,
  });
});
