import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Space } from '@netweir/api';
import { filterBy, filterSpaces, type QuickFilter } from './filter.ts';
import { address, container, network, nic, space } from './inventory.test-helper.ts';

const DELAY = { delay: { mean: '1ms' } };

const CLIENT = space('netns', 'client', {
  interfaces: [nic('eth0', address('10.0.0.1')), nic('wan', address('10.7.0.1'))],
});
const SERVER = space('netns', 'server', {
  interfaces: [nic('eth0', { ...address('10.0.0.2'), egress: DELAY })],
});
const SHOP = space('docker', 'shop-web-1', {
  aliases: ['netns:cni-77'],
  containers: [
    container('shop-web-1', {
      image: 'registry.example/nginx:1.29',
      labels: { tier: 'front', 'com.example/team': 'Red' },
      networks: ['front', 'ghost'].map((name) => ({
        ...network(name),
        bridge: null,
        addresses: [],
        mac: null,
      })),
    }),
  ],
  interfaces: [nic('lo'), nic('eth0', { network: network('front') })],
});
const BATCH = space('podman', 'batch', {
  containers: [container('batch', { runtime: 'podman', state: 'paused' })],
  interfaces: [nic('eth0')],
});
const ALL = [CLIENT, SERVER, SHOP, BATCH];

function found(text: string, quick: readonly QuickFilter[] = [], of: readonly Space[] = ALL) {
  return filterSpaces(of, filterBy({ text, quick })).flatMap(({ id, interfaces }) =>
    interfaces.map(({ name }) => `${id}/${name}`),
  );
}

describe('the text of a filter', () => {
  test('without a word keeps every space as it is', () => {
    assert.deepEqual(filterSpaces(ALL, filterBy({ text: '  ', quick: [] })), ALL);
  });

  test("finds a space's name with all of its interfaces", () => {
    assert.deepEqual(found('CLIENT'), ['netns:client/eth0', 'netns:client/wan']);
  });

  test('must hold with every word', () => {
    assert.deepEqual(found('client wan'), ['netns:client/wan']);
    assert.deepEqual(found('server wan'), []);
  });

  test('finds addresses, the MAC and the word impaired', () => {
    assert.deepEqual(found('10.7'), ['netns:client/wan']);
    assert.deepEqual(found('impaired'), ['netns:server/eth0']);
    assert.equal(found('02:00:00').length, 6);
  });

  test('finds as impaired what is so only on what it receives', () => {
    const home = space('netns', 'home', { interfaces: [nic('eth0', { ingress: DELAY })] });
    assert.deepEqual(found('impaired', [], [CLIENT, home]), ['netns:home/eth0']);
  });

  test('finds a container by its image, an alias and a label', () => {
    for (const text of ['nginx:1.29', 'cni-77', 'tier=front', 'com.example/team=red']) {
      assert.deepEqual(found(text), ['docker:shop-web-1/lo', 'docker:shop-web-1/eth0'], text);
    }
    assert.deepEqual(found('tier=back'), []);
  });

  test('finds a network at the interface in it, or at all where none is known to be in it', () => {
    const apart = { ...SHOP, containers: SHOP.containers.map((c) => ({ ...c, labels: {} })) };
    assert.deepEqual(found('front', [], [apart]), ['docker:shop-web-1/eth0']);
    assert.equal(found('ghost', [], [apart]).length, 2);
  });
});

describe('quick filters', () => {
  test('of one sort are alternatives, of several must all hold', () => {
    assert.deepEqual(found('', ['paused']), ['podman:batch/eth0']);
    assert.equal(found('', ['paused', 'running']).length, 3);
    assert.deepEqual(found('', ['running', 'podman']), []);
    assert.deepEqual(found('eth0', ['docker']), ['docker:shop-web-1/eth0']);
  });

  test('impaired keeps the interfaces that are', () => {
    assert.deepEqual(found('', ['impaired']), ['netns:server/eth0']);
  });
});

test('a part of a space is the same object for as long as the space is', () => {
  const filter = filterBy({ text: 'wan', quick: [] });
  assert.equal(filter(CLIENT), filter(CLIENT));
  assert.notEqual(filter(CLIENT), filter({ ...CLIENT }));
});
