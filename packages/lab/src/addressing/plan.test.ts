import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AddressPool } from '@netweir/api';
import fc from 'fast-check';
import { LabError } from '../errors.ts';
import { AddressPlan } from './plan.ts';
import { overlaps, type Prefix, parsePrefix } from './prefix.ts';
import type { RegionPlan } from './region-plan.ts';
import type { HostAddresses, Subnet } from './subnet.ts';

const pools = fc.constantFrom<AddressPool>('public', 'private');
const ownPrefix = fc
  .tuple(
    fc.integer({ min: 0, max: 255 }),
    fc.integer({ min: 0, max: 255 }),
    fc.integer({ min: 12, max: 30 }),
  )
  .map(([second, third, length]) => `10.${second}.${third}.0/${length}`);

/** Something that a lab may ask its plan for, or give back, any number of times. */
const wishes = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('subnet' as const), pool: pools, inRegion: fc.boolean() }),
    fc.record({ kind: fc.constant('own' as const), ipv4: ownPrefix }),
    fc.record({ kind: fc.constant('region' as const) }),
    fc.record({ kind: fc.constant('link' as const) }),
    fc.record({ kind: fc.constant('host' as const) }),
    fc.record({ kind: fc.constant('giveBack' as const), which: fc.nat(100) }),
  ),
  { maxLength: 120 },
);
type Wish = typeof wishes extends fc.Arbitrary<(infer W)[]> ? W : never;

/** Carries out wishes; what is in use at the end, and everything that was answered, as text. */
function carryOut(list: readonly Wish[]) {
  const plan = new AddressPlan();
  const inUse = { subnets: [] as Subnet[], regions: [] as RegionPlan[], links: [] as Prefix[] };
  const answers: string[] = [];
  const one = (wish: Wish): unknown => {
    if (wish.kind === 'region') return inUse.regions.push(plan.takeRegion());
    if (wish.kind === 'host') return answers.push(plan.exchange.takeHost().ipv6);
    if (wish.kind === 'link') {
      const link = plan.takeLink();
      answers.push(...link.ends.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6]));
      return inUse.links.push(link.part.ipv4, link.part.ipv6);
    }
    if (wish.kind === 'giveBack') {
      const [subnet] = inUse.subnets.splice(wish.which % (inUse.subnets.length || 1), 1);
      return subnet && plan.giveBackSubnet(subnet);
    }
    const region = wish.kind === 'subnet' && wish.inRegion ? inUse.regions.at(-1) : undefined;
    const subnet = plan.takeSubnet({
      pool: wish.kind === 'own' ? 'private' : wish.pool,
      ...(region && { region }),
      ipv4: wish.kind === 'own' ? wish.ipv4 : undefined,
    });
    return inUse.subnets.push(subnet);
  };
  for (const wish of list) {
    try {
      one(wish);
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      answers.push(error.code);
    }
  }
  answers.push(...inUse.subnets.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6]));
  const prefixes = [
    ...[plan.exchange, ...inUse.subnets, ...inUse.regions.map(({ backbone }) => backbone)].flatMap(
      (subnet) => Object.values<Prefix>(subnet.prefixes),
    ),
    ...inUse.links,
  ];
  return { prefixes, answers };
}

describe('The addressing plan', () => {
  test('hands out no address twice, whatever is asked for and given back', () => {
    fc.assert(
      fc.property(wishes, (list) => {
        const { prefixes } = carryOut(list);
        prefixes.forEach((prefix, index) => {
          const other = prefixes.slice(index + 1).find((candidate) => overlaps(prefix, candidate));
          assert.equal(other, undefined);
        });
      }),
    );
  });

  test('gives the same answers to the same questions', () => {
    fc.assert(
      fc.property(wishes, (list) => {
        assert.deepEqual(carryOut(list).answers, carryOut(list).answers);
      }),
    );
  });

  test('begins as documented', () => {
    const plan = new AddressPlan();
    const texts = ({ ipv4, ipv6 }: Subnet | HostAddresses) => [ipv4, ipv6];
    assert.deepEqual(texts(plan.exchange.gateway), ['198.18.0.1', '2001:db8::1']);
    assert.deepEqual(texts(plan.exchange.takeHost()), ['198.18.0.10', '2001:db8::a']);
    const home = plan.takeSubnet({ pool: 'private' });
    assert.deepEqual(texts(home), ['10.0.1.0/24', 'fd10:0:0:1::/64']);
    assert.deepEqual(texts(home.gateway), ['10.0.1.1', 'fd10:0:0:1::1']);
    assert.deepEqual(texts(home.takeHost()), ['10.0.1.2', 'fd10:0:0:1::2']);
    assert.deepEqual(texts(plan.takeSubnet({ pool: 'public' })), [
      '198.19.1.0/24',
      '2001:db8:1:1::/64',
    ]);
    const region = plan.takeRegion();
    assert.deepEqual(region.aggregate, ['198.18.16.0/20', '2001:db8:101::/48']);
    assert.deepEqual(texts(region.backbone.takeHost()), ['198.18.16.10', '2001:db8:101::a']);
    const inside = plan.takeSubnet({ pool: 'public', region });
    assert.deepEqual(texts(inside), ['198.18.17.0/24', '2001:db8:101:1::/64']);
    assert.deepEqual(plan.takeLink().ends, [
      { ipv4: '203.0.113.0', ipv6: 'fd11::' },
      { ipv4: '203.0.113.1', ipv6: 'fd11::1' },
    ]);
  });

  test('has room for 4,085 routers on the exchange, 65,535 private and 255 public subnets, 15 regions', () => {
    const count = (take: () => unknown): number => {
      for (let taken = 0; ; taken++) {
        try {
          take();
        } catch (error) {
          assert(error instanceof LabError && error.code === 'ERR_LAB_ADDRESSES_EXHAUSTED');
          return taken;
        }
      }
    };
    const plan = new AddressPlan();
    assert.equal(
      count(() => plan.exchange.takeHost()),
      4085,
    );
    assert.equal(
      count(() => plan.takeSubnet({ pool: 'public' })),
      255,
    );
    const region = plan.takeRegion();
    assert.equal(
      count(() => plan.takeSubnet({ pool: 'public', region })),
      15,
    );
    assert.equal(
      count(() => plan.takeRegion()),
      14,
    );
    assert.equal(
      count(() => plan.takeLink()),
      128,
    );
    const home = plan.takeSubnet({ pool: 'private' });
    assert.equal(
      count(() => home.takeHost()),
      253,
    );
  });

  test('takes an address that was given back last of all', () => {
    const home = new AddressPlan().takeSubnet({ pool: 'private', ipv4: '192.168.0.0/29' });
    const [first] = [home.takeHost(), home.takeHost()];
    assert(first);
    home.giveBackHost(first);
    const next = Array.from({ length: 4 }, () => home.takeHost().ipv4);
    assert.deepEqual(next, ['192.168.0.4', '192.168.0.5', '192.168.0.6', '192.168.0.2']);
  });

  test('goes round a prefix of the caller, and refuses one that is in use', () => {
    const plan = new AddressPlan();
    const own = plan.takeSubnet({ pool: 'private', ipv4: '10.0.0.0/23' });
    assert.equal(own.ipv4, '10.0.0.0/23');
    assert.equal(plan.takeSubnet({ pool: 'private' }).ipv4, '10.0.2.0/24');
    for (const ipv4 of [
      '10.0.1.128/25',
      '198.18.200.0/24',
      '203.0.113.0/30',
      '0.0.0.0/0',
      '10.9.0.0/31',
      'fd00::/64',
    ]) {
      assert.throws(
        () => plan.takeSubnet({ pool: 'private', ipv4 }),
        { code: 'ERR_LAB_INVALID_PREFIX' },
        ipv4,
      );
    }
    plan.giveBackSubnet(own);
    assert.equal(plan.takeSubnet({ pool: 'private', ipv4: '10.0.1.128/25' }).ipv4, '10.0.1.128/25');
  });
});

test('prefixes overlap where one holds the other, within a family', () => {
  const overlap = (a: string, b: string) => overlaps(parsePrefix(a), parsePrefix(b));
  assert.equal(overlap('10.0.0.0/8', '10.255.255.255'), true);
  assert.equal(overlap('10.0.0.0/25', '10.0.0.128/25'), false);
  assert.equal(overlap('0.0.0.0/0', '::/0'), false);
});
