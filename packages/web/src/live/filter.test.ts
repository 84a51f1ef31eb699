import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Interface, Space } from '@netweir/api';
import { filterSpaces } from './filter.ts';

type Ways = Partial<Pick<Interface, 'egress' | 'ingress'>>;

function nic(name: string, address: string, ways: Ways = {}): Interface {
  const none = { rxPackets: 0, txPackets: 0, rxDropped: 0, txDropped: 0, rxErrors: 0, txErrors: 0 };
  return {
    ifindex: 1,
    name,
    kind: 'veth',
    up: true,
    carrier: true,
    operstate: 'up',
    mtu: 1500,
    mac: '02:00:00:00:00:01',
    addresses: [{ address, prefixLength: 24, family: 'ipv4', scope: 'global' }],
    master: null,
    peer: null,
    network: null,
    qdiscs: [],
    egress: null,
    ingress: null,
    expiresAt: null,
    rule: null,
    counters: { atMs: 0, rxBytes: 0, txBytes: 0, ...none },
    ...ways,
  };
}

function space(name: string, ...interfaces: Interface[]): Space {
  return {
    id: `netns:${name}`,
    kind: 'netns',
    name,
    aliases: [],
    inode: 1,
    command: null,
    containers: [],
    interfaces,
  };
}

const CLIENT = space('client', nic('eth0', '10.0.0.1'), nic('wan', '10.7.0.1'));
const SERVER = space('server', nic('eth0', '10.0.0.2', { egress: { delay: { mean: '1ms' } } }));

function found(text: string): string[] {
  return filterSpaces([CLIENT, SERVER], text).flatMap(({ id, interfaces }) =>
    interfaces.map(({ name }) => `${id}/${name}`),
  );
}

describe('filterSpaces', () => {
  test('no word keeps everything, as the same list', () => {
    const all = [CLIENT, SERVER];
    assert.equal(filterSpaces(all, '  '), all);
  });

  test("a space's name keeps all of its interfaces", () => {
    assert.deepEqual(found('CLIENT'), ['netns:client/eth0', 'netns:client/wan']);
  });

  test('every word must be there', () => {
    assert.deepEqual(found('client wan'), ['netns:client/wan']);
    assert.deepEqual(found('server wan'), []);
  });

  test('addresses, the MAC and the word impaired find interfaces', () => {
    assert.deepEqual(found('10.7'), ['netns:client/wan']);
    assert.deepEqual(found('impaired'), ['netns:server/eth0']);
    assert.equal(found('02:00:00').length, 3);
  });

  test('impaired finds what is impaired only on what it receives', () => {
    const home = space('home', nic('eth0', '10.0.0.3', { ingress: { delay: { mean: '1ms' } } }));
    assert.deepEqual(filterSpaces([CLIENT, home], 'impaired'), [home]);
  });
});
