import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Space } from '@netweir/api';
import { defaultGrouping, type Grouping, groupSpaces } from './grouping.ts';
import { container, network, nic, space } from './inventory.test-helper.ts';

const HOST = space('host', 'host', {
  containers: [container('exporter')],
  interfaces: [nic('eth0')],
});
const shop = (service: string, ...networks: string[]): Space =>
  space('docker', service, {
    containers: [container(service, { compose: { project: 'shop', service } })],
    interfaces: [
      nic('lo'),
      ...networks.map((name, at) => nic(`eth${at}`, { network: network(name) })),
    ],
  });
const WEB = shop('web', 'front', 'back');
const DB = shop('db', 'back');
const JOB = space('podman', 'job', {
  containers: [container('job', { runtime: 'podman' })],
  interfaces: [nic('eth0', { network: network('back') })],
});
const LAB = space('netns', 'lab-a', { interfaces: [nic('eth0')] });

function grouped(spaces: readonly Space[], grouping: Grouping): string[] {
  return groupSpaces(spaces, grouping).map(
    ({ title, spaces: inside }) =>
      `${title}: ${inside
        .map(({ name, interfaces }) => `${name}(${interfaces.map((one) => one.name).join(' ')})`)
        .join(' ')}`,
  );
}

describe('groupSpaces', () => {
  test('by runtime keeps the host apart, though a container uses its network', () => {
    assert.deepEqual(grouped([LAB, JOB, HOST, WEB], 'runtime'), [
      'This machine: host(eth0)',
      'Docker: web(lo eth0 eth1)',
      'Podman: job(eth0)',
      'Named namespaces: lab-a(eth0)',
    ]);
  });

  test('by compose project, with what is in none behind', () => {
    assert.deepEqual(grouped([HOST, WEB, JOB, DB], 'compose'), [
      'shop: web(lo eth0 eth1) db(lo eth0)',
      'In no compose project: job(eth0)',
      'This machine and its namespaces: host(eth0)',
    ]);
  });

  test('by network shows a container in each of its networks, with that interface alone', () => {
    assert.deepEqual(grouped([WEB, DB], 'network'), [
      'back: web(eth1) db(eth0)',
      'front: web(eth0)',
      'In no network of a runtime: web(lo) db(lo)',
    ]);
  });

  test('networks of the same name of two runtimes are two groups', () => {
    assert.deepEqual(grouped([JOB, shop('db', 'back')], 'network').slice(0, 2), [
      'back: job(eth0)',
      'back: db(eth0)',
    ]);
  });

  test('what has no interface at all is in no network', () => {
    assert.deepEqual(grouped([space('netns', 'empty')], 'network'), [
      'In no network of a runtime: empty()',
    ]);
  });

  test('the rest is folded at first, unless there is nothing else', () => {
    const rests = (spaces: readonly Space[]): boolean[] =>
      groupSpaces(spaces, 'network').map(({ isRest }) => isRest);
    assert.deepEqual(rests([JOB, LAB]), [false, true]);
    assert.deepEqual(rests([LAB]), [false]);
  });

  test('a part of a space is the same object for as long as the space is', () => {
    const part = (): Space | undefined => groupSpaces([WEB], 'network')[0]?.spaces[0];
    assert.equal(part(), part());
  });
});

test('the list is divided by runtime as soon as there are containers beside the host', () => {
  assert.equal(defaultGrouping([HOST, LAB]), 'none');
  assert.equal(defaultGrouping([HOST, LAB, JOB]), 'runtime');
});
