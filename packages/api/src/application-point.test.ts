import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type At, applicationPoint } from './application-point.ts';
import { isNetweirError } from './errors/netweir-error.ts';
import type { Interface } from './inventory.ts';
import { interfaceOf, inventoryOf, spaceOf } from './test-support/inventory.ts';

const network = { name: 'shop', driver: 'bridge', internal: false, gateways: ['172.18.0.1'] };
const peer = (interface_: string, ifindex: number) => ({
  space: 'host',
  interface: interface_,
  ifindex,
});

const inventory = inventoryOf([
  spaceOf('host', [
    interfaceOf(1, 'lo'),
    interfaceOf(5, 'veth5', { master: 'br-shop' }),
    interfaceOf(6, 'veth6'),
    interfaceOf(7, 'veth7', { master: 'ovs-system' }),
    interfaceOf(8, 'br-shop', { kind: 'bridge' }),
    interfaceOf(9, 'ovs-system', { kind: 'openvswitch' }),
  ]),
]);

function point(one: Partial<Interface>, at: At): { name: string; explain: string } {
  const space = spaceOf('docker:web', [interfaceOf(2, 'eth0', one)]);
  const [eth0] = space.interfaces;
  assert.ok(eth0);
  const found = applicationPoint(inventory, { space, interface: eth0 }, at);
  const { selected } = found;
  return { name: `${selected.space.id}/${selected.interface.name}`, explain: found.explain };
}

describe('where an impairment is put', () => {
  test('container: the interface itself', () => {
    const { name, explain } = point({ peer: null }, 'container');
    assert.equal(name, 'docker:web/eth0');
    assert.match(explain, /its egress is what docker:web sends/);
  });

  test('host: the other end, whose egress is what the container receives', () => {
    const { name, explain } = point({ peer: peer('veth5', 5) }, 'host');
    assert.equal(name, 'host/veth5');
    assert.match(
      explain,
      /its egress is what docker:web receives there, its ingress what it sends/,
    );
  });

  test('host: the other end is found by its index, since its name may have changed', () => {
    assert.equal(point({ peer: peer('old', 6) }, 'host').name, 'host/veth6');
  });

  test('bridge: what all containers on the network exchange with the host and beyond', () => {
    const { name, explain } = point({ peer: peer('veth5', 5), network }, 'bridge');
    assert.equal(name, 'host/br-shop');
    assert.match(explain, /its egress is what all containers on shop receive through the host/);
    assert.match(explain, /what they exchange with one another does not pass it/);
  });

  test('bridge: of an internal network that is only what the host exchanges with them', () => {
    const internal = { ...network, internal: true };
    const { explain } = point({ peer: peer('veth5', 5), network: internal }, 'bridge');
    assert.match(explain, /shop is internal, so that is only what the host itself exchanges/);
  });

  test('bridge: of no network is what is on it', () => {
    assert.match(point({ peer: peer('veth5', 5) }, 'bridge').explain, /all that is on it receive/);
  });

  for (const [what, one, at, message] of [
    ['no veth', { kind: 'macvlan' }, 'host', /eth0 is no veth but macvlan/],
    ['a peer that is not known', { peer: null }, 'host', /is not known/],
    [
      'a peer in an unknown namespace',
      { peer: { space: null, interface: null, ifindex: 5 } },
      'bridge',
      /is not known/,
    ],
    ['no bridge', { peer: peer('veth6', 6) }, 'bridge', /host\/veth6, is in none/],
    [
      'another switch',
      { peer: peer('veth7', 7) },
      'bridge',
      /is in ovs-system, which is no bridge/,
    ],
  ] as const) {
    test(`${at}: ${what} is refused`, () => {
      assert.throws(
        () => point(one, at),
        (error) => {
          assert.ok(isNetweirError(error));
          assert.equal(error.code, 'no-such-interface');
          assert.match(error.message, message);
          assert.match(error.remedy ?? '', /--at container/);
          return true;
        },
      );
    });
  }
});
