import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DiscoveredInterface, DiscoveredSpace } from '@netweir/discovery';
import { findPeer, type OtherEnd } from '../reach.ts';
import { type Hop, reversed, type Walk, walkTo } from './way.ts';

/** An interface as a test writes it: its peer is `space/interface`. */
interface Sketch {
  readonly name: string;
  readonly kind?: string;
  readonly address?: string;
  readonly master?: string;
  readonly peer?: string;
}

interface SpaceSketch {
  readonly interfaces: readonly Sketch[];
  /** The interface by which everything leaves, and the router there if there is one. */
  readonly routes?: Readonly<Record<string, { readonly by: string; readonly router?: string }>>;
}

/** Follows packets through spaces that only their sketches make. */
function walk(spaces: Readonly<Record<string, SpaceSketch>>, from: string, address: string): Walk {
  const made = new Map(
    Object.entries(spaces).map(([id, { interfaces }]) => [id, spaceOf(spaces, id, interfaces)]),
  );
  const start = made.get(from) ?? assert.fail();
  const routeOf = (space: DiscoveredSpace, to: string): Hop | undefined => {
    const { by, router } = spaces[space.id]?.routes?.[to] ?? { by: 'eth0' };
    const out = [...space.interfaces.values()].find(({ name }) => name === by);
    return out && { ifindex: out.ifindex, address: router ?? to };
  };
  const otherEnd: OtherEnd = (_, one) => findPeer({ space: (id) => made.get(id) }, one);
  return walkTo(otherEnd, routeOf, start, address);
}

function spaceOf(
  spaces: Readonly<Record<string, SpaceSketch>>,
  id: string,
  interfaces: readonly Sketch[],
): DiscoveredSpace {
  const views = interfaces.map(({ name, kind = 'veth', address, master, peer }, at) => {
    const [space = '', other = ''] = peer?.split(/\/(?=[^/]+$)/u) ?? [];
    const index = spaces[space]?.interfaces.findIndex((one) => one.name === other) ?? -1;
    return {
      ifindex: at + 1,
      name,
      kind,
      master: master ?? null,
      addresses: address ? [{ address, prefixLength: 24, family: 'ipv4', scope: 'global' }] : [],
      peer: peer ? { space, interface: other, ifindex: index + 1 } : null,
    } as unknown as DiscoveredInterface;
  });
  const all = new Map(views.map((view) => [view.ifindex, view]));
  return { id, interfaces: all } as unknown as DiscoveredSpace;
}

const written = ({ passings }: Pick<Walk, 'passings'>): string[] =>
  passings.map(({ space, interface: one, direction }) => `${space.id}/${one.name} ${direction}`);

const BRIDGED = {
  a: { interfaces: [{ name: 'eth0', address: '10.0.0.1', peer: 'host/va' }] },
  b: { interfaces: [{ name: 'eth0', address: '10.0.0.2', peer: 'host/vb' }] },
  c: { interfaces: [{ name: 'eth0', address: '10.0.0.3', peer: 'host/vc' }] },
  host: {
    interfaces: [
      { name: 'br0', kind: 'bridge', address: '10.0.0.254' },
      { name: 'va', master: 'br0', peer: 'a/eth0' },
      { name: 'vb', master: 'br0', peer: 'b/eth0' },
      { name: 'vc', master: 'br0', peer: 'c/eth0' },
    ],
    routes: { '10.0.0.2': { by: 'br0' } },
  },
} satisfies Record<string, SpaceSketch>;

describe('the way of packets', () => {
  test('leads through a veth pair', () => {
    const pair = {
      a: { interfaces: [{ name: 'eth0', address: '10.0.0.1', peer: 'b/eth0' }] },
      b: { interfaces: [{ name: 'eth0', address: '10.0.0.2', peer: 'a/eth0' }] },
    };
    const found = walk(pair, 'a', '10.0.0.2');
    assert.deepEqual(written(found), ['a/eth0 egress', 'b/eth0 ingress']);
    assert.equal(found.arrival?.id, 'b');
  });

  test('leads through the ports of a bridge, and passes nobody else', () => {
    const found = walk(BRIDGED, 'a', '10.0.0.2');
    assert.deepEqual(written(found), [
      'a/eth0 egress',
      'host/va ingress',
      'host/vb egress',
      'b/eth0 ingress',
    ]);
    assert.deepEqual(written({ passings: reversed(found.passings) }), [
      'b/eth0 egress',
      'host/vb ingress',
      'host/va egress',
      'a/eth0 ingress',
    ]);
  });

  test('leads through the ports of one switch of a lab, not to those of another', () => {
    const switches = 'lab:x/switches';
    const lab = {
      a: { interfaces: [{ name: 'eth0', address: '10.0.0.1', peer: `${switches}/sw1p101` }] },
      b: { interfaces: [{ name: 'eth0', address: '10.0.0.2', peer: `${switches}/sw1p102` }] },
      c: { interfaces: [{ name: 'eth0', address: '10.0.0.3', peer: `${switches}/sw11p103` }] },
      [switches]: {
        interfaces: [
          { name: 'sw1p101', peer: 'a/eth0' },
          { name: 'sw1p102', peer: 'b/eth0' },
          { name: 'sw11p103', peer: 'c/eth0' },
        ],
      },
    };
    assert.deepEqual(written(walk(lab, 'a', '10.0.0.2')), [
      'a/eth0 egress',
      `${switches}/sw1p101 ingress`,
      `${switches}/sw1p102 egress`,
      'b/eth0 ingress',
    ]);
    assert.equal(walk(lab, 'a', '10.0.0.3').arrival, undefined);
  });

  test('leads to and from the host by its bridge', () => {
    const to = walk(BRIDGED, 'a', '10.0.0.254');
    assert.deepEqual(written(to), ['a/eth0 egress', 'host/va ingress', 'host/br0 ingress']);
    assert.equal(to.arrival?.id, 'host');
    const from = walk(BRIDGED, 'host', '10.0.0.2');
    assert.deepEqual(written(from), ['host/br0 egress', 'host/vb egress', 'b/eth0 ingress']);
  });

  test('leads from router to router', () => {
    const routed = {
      a: {
        interfaces: [{ name: 'eth0', address: '10.0.0.1', peer: 'r/eth0' }],
        routes: { '10.0.9.9': { by: 'eth0', router: '10.0.0.254' } },
      },
      r: {
        interfaces: [
          { name: 'eth0', address: '10.0.0.254', peer: 'a/eth0' },
          { name: 'eth1', address: '10.0.9.254', peer: 'b/eth0' },
        ],
        routes: { '10.0.9.9': { by: 'eth1' } },
      },
      b: { interfaces: [{ name: 'eth0', address: '10.0.9.9', peer: 'r/eth1' }] },
    };
    const found = walk(routed, 'a', '10.0.9.9');
    assert.deepEqual(written(found), [
      'a/eth0 egress',
      'r/eth0 ingress',
      'r/eth1 egress',
      'b/eth0 ingress',
    ]);
    assert.equal(found.arrival?.id, 'b');
  });

  test('of a space to itself is its loopback', () => {
    const own = {
      a: { interfaces: [{ name: 'lo', kind: 'loopback' }], routes: { '127.0.0.1': { by: 'lo' } } },
    };
    const found = walk(own, 'a', '127.0.0.1');
    assert.deepEqual(written(found), ['a/lo egress', 'a/lo ingress']);
    assert.equal(found.arrival?.id, 'a');
  });

  test('ends where an interface leads to nobody who is known, and where packets go in circles', () => {
    const alone = { a: { interfaces: [{ name: 'eth0', kind: 'physical' }] } };
    const lost = walk(alone, 'a', '192.0.2.1');
    assert.deepEqual([written(lost), lost.arrival], [['a/eth0 egress'], undefined]);
    const circle = {
      a: {
        interfaces: [{ name: 'eth0', address: '10.0.0.1', peer: 'b/eth0' }],
        routes: { '192.0.2.1': { by: 'eth0', router: '10.0.0.2' } },
      },
      b: {
        interfaces: [{ name: 'eth0', address: '10.0.0.2', peer: 'a/eth0' }],
        routes: { '192.0.2.1': { by: 'eth0', router: '10.0.0.1' } },
      },
    };
    assert.equal(walk(circle, 'a', '192.0.2.1').arrival, undefined);
  });
});
