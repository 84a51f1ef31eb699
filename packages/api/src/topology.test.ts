import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerOf, interfaceOf, inventoryOf, spaceOf } from './test-support/inventory.ts';
import { Topology, topologyOf } from './topology.ts';

const network = { name: 'shop', driver: 'bridge', internal: false, gateways: [] };
const attachment = { ...network, bridge: 'br-shop', addresses: [], mac: null };

test('the topology has every space, interface and network, and how they are connected', () => {
  const container = containerOf('web', {
    endpoint: '/run/docker.sock',
    networks: [attachment],
  });
  const topology = topologyOf(
    inventoryOf([
      spaceOf('host', [
        interfaceOf(5, 'veth5', {
          master: 'br-shop',
          peer: { space: 'docker:web', interface: 'eth0', ifindex: 2 },
        }),
        interfaceOf(6, 'veth6', { peer: { space: null, interface: null, ifindex: 3 } }),
        interfaceOf(8, 'br-shop', { kind: 'bridge' }),
      ]),
      spaceOf(
        'docker:web',
        [
          interfaceOf(2, 'eth0', {
            network,
            peer: { space: 'host', interface: 'veth5', ifindex: 5 },
          }),
        ],
        { containers: [container] },
      ),
    ]),
  );
  assert.deepEqual(Topology.parse(topology), {
    nodes: [
      { id: 'host', type: 'space', name: 'host', kind: 'host' },
      { id: 'docker:web', type: 'space', name: 'web', kind: 'docker' },
      { id: 'host/veth5', type: 'interface', name: 'veth5', kind: 'veth' },
      { id: 'host/veth6', type: 'interface', name: 'veth6', kind: 'veth' },
      { id: 'host/br-shop', type: 'interface', name: 'br-shop', kind: 'bridge' },
      { id: 'docker:web/eth0', type: 'interface', name: 'eth0', kind: 'veth' },
      { id: 'network:/run/docker.sock/shop', type: 'network', name: 'shop', kind: 'bridge' },
    ],
    edges: [
      { type: 'in', from: 'host/veth5', to: 'host' },
      { type: 'veth', from: 'docker:web/eth0', to: 'host/veth5' },
      { type: 'port', from: 'host/veth5', to: 'host/br-shop' },
      { type: 'in', from: 'host/veth6', to: 'host' },
      { type: 'in', from: 'host/br-shop', to: 'host' },
      { type: 'in', from: 'docker:web/eth0', to: 'docker:web' },
      { type: 'member', from: 'docker:web/eth0', to: 'network:/run/docker.sock/shop' },
      { type: 'bridge', from: 'network:/run/docker.sock/shop', to: 'host/br-shop' },
    ],
  });
});

test('networks of the same name are those of their runtimes', () => {
  const spaces = ['docker', 'podman'].map((runtime) =>
    spaceOf(`${runtime}:web`, [interfaceOf(2, 'eth0', { network })], {
      containers: [
        containerOf('web', { endpoint: `/run/${runtime}.sock`, networks: [attachment] }),
      ],
    }),
  );
  const networks = topologyOf(inventoryOf(spaces)).nodes.filter(({ type }) => type === 'network');
  assert.deepEqual(
    networks.map(({ id }) => id),
    ['network:/run/docker.sock/shop', 'network:/run/podman.sock/shop'],
  );
});

test('what is plugged in at one switch of a lab is in one network', () => {
  const [mac, switches] = ['02:00:0a:00:01:01', 'lab:x/switches'];
  const peerOf = (space: string, name: string) => ({
    peer: { space, interface: name, ifindex: 101 },
  });
  const { nodes, edges } = topologyOf(
    inventoryOf([
      spaceOf('lab:x/home', [interfaceOf(101, 'lan', { kind: 'macvlan', mac })]),
      spaceOf('lab:x/phone', [interfaceOf(101, 'eth0', peerOf(switches, 'sw1p1003'))]),
      spaceOf(switches, [
        interfaceOf(1001, 'sw1p1001', peerOf(switches, 'sw1r')),
        interfaceOf(1002, 'sw1r', { ...peerOf(switches, 'sw1p1001'), mac: '06:00:0a:00:01:01' }),
        interfaceOf(1003, 'sw1p1003', peerOf('lab:x/phone', 'eth0')),
      ]),
      spaceOf('lab:y/home', [interfaceOf(101, 'lan', { kind: 'macvlan', mac })]),
    ]),
  );
  const network = 'network:lab:x/switches/sw1';
  assert.deepEqual(
    nodes.filter(({ type }) => type === 'network'),
    [{ id: network, type: 'network', name: 'sw1', kind: 'switch' }],
  );
  assert.deepEqual(
    edges.filter(({ type }) => type === 'member'),
    ['lab:x/home/lan', `${switches}/sw1p1001`, `${switches}/sw1p1003`].map((from) => ({
      ...{ type: 'member', from, to: network },
    })),
  );
});
