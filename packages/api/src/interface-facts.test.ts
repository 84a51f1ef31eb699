import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interfaceAddress, interfaceCounters } from './interface-facts.ts';

test('the family and the scope of an address are named', () => {
  const scopes = [0, 100, 200, 253, 254, 255].map((scope) => {
    const address = { address: '10.0.0.1', prefixLength: 8, family: 4, scope } as const;
    return interfaceAddress(address).scope;
  });
  assert.deepEqual(scopes, ['global', 'site', 'site', 'link', 'host', 'nowhere']);
  const six = { address: 'fe80::1', prefixLength: 64, family: 6, scope: 253 } as const;
  assert.deepEqual(interfaceAddress(six), { ...six, family: 'ipv6', scope: 'link' });
});

test('the counters carry the time of their reading, and nothing else that the kernel counts', () => {
  const counters = {
    rxBytes: 3,
    txBytes: 4,
    rxPackets: 1,
    txPackets: 2,
    rxDropped: 7,
    txDropped: 8,
    rxErrors: 5,
    txErrors: 6,
  };
  const stats = { ...counters, multicast: 9, collisions: 10 };
  assert.deepEqual(interfaceCounters(stats, 1234), { atMs: 1234, ...counters });
  assert.equal(interfaceCounters(undefined, 1234).rxBytes, 0);
});
