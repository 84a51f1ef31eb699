import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Message } from '../netlink/request.ts';
import { Writer } from '../netlink/writer.ts';
import { addAddress, dumpAddresses, parseAddressMessage } from './address.ts';
import { parseLinkMessage } from './link.ts';
import { addMacvlan } from './link-create.ts';
import { dumpLinks } from './link-query.ts';
import { statsIn } from './link-stats.ts';
import { formatMacAddress } from './mac-address.ts';
import { addNeighbour, dumpNeighbours } from './neighbour.ts';
import { dumpNsids, parseNsidMessage } from './nsid.ts';
import { dumpRoutes, parseRouteMessage } from './route.ts';
import { addRoute } from './route-change.ts';
import { addRule, dumpRules } from './rule.ts';

const u32 = fc.integer({ min: 1, max: 0xffff_ffff });
const ifindex = fc.integer({ min: 1, max: 0x7fff_ffff });
const ipv4 = fc.ipV4();
const mac = fc.uint8Array({ minLength: 6, maxLength: 6 }).map(formatMacAddress);

describe('What the encoders write, the decoders read back', () => {
  test('links', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9.-]{0,14}$/);
    fc.assert(
      fc.property(name, u32, mac, ifindex, (linkName, mtu, address, linkIfindex) => {
        const request = addMacvlan({ name: linkName, mtu, address, linkIfindex, mode: 'bridge' });
        const event = parseLinkMessage(request);
        assert.deepEqual(
          { ...event?.link },
          { ...event?.link, name: linkName, mtu, address, linkIfindex, kind: 'macvlan' },
        );
      }),
    );
  });

  test('addresses', () => {
    fc.assert(
      fc.property(ifindex, ipv4, fc.nat(32), ipv4, (index, address, prefixLength, broadcast) => {
        const spec = { ifindex: index, address: `${address}/${prefixLength}`, broadcast };
        const decoded = parseAddressMessage(addAddress(spec))?.address;
        assert.deepEqual(
          { ...decoded },
          {
            ...decoded,
            family: 4,
            ifindex: index,
            address,
            prefixLength,
            broadcast,
            peer: undefined,
          },
        );
      }),
    );
  });

  test('routes', () => {
    const route = fc.record({
      gateway: ipv4,
      ifindex,
      metric: u32,
      preferredSource: ipv4,
      table: u32,
      mtu: u32,
      onlink: fc.boolean(),
      protocol: fc.nat(255),
    });
    fc.assert(
      fc.property(route, ipv4, (spec, host) => {
        const destination = `${host}/32`;
        const decoded = parseRouteMessage(addRoute({ ...spec, destination }))?.route;
        assert.deepEqual({ ...decoded }, { ...decoded, ...spec, destination, type: 'unicast' });
      }),
    );
  });

  test('multipath routes, and an IPv6 gateway of an IPv4 destination', () => {
    const nexthops = [
      { gateway: '10.0.0.1', ifindex: 3, weight: 256, onlink: true },
      { gateway: 'fe80::1', ifindex: 4, weight: 1, onlink: false },
    ];
    const request = addRoute({ destination: '10.1.0.0/16', nexthops });
    assert.deepEqual(parseRouteMessage(request)?.route.nexthops, nexthops);
  });

  test('rules and neighbours', () => {
    const rule = {
      family: 6,
      priority: 7,
      source: '2001:db8::/32',
      fwmark: 1,
      table: 70000,
    } as const;
    const decoded = dumpRules().parse({ ...addRule(rule) });
    assert.deepEqual({ ...decoded }, { ...decoded, ...rule, action: 1, destination: undefined });
    const neighbour = { ifindex: 3, address: '2001:db8::7', lladdr: '02:00:00:00:00:07' };
    assert.deepEqual(dumpNeighbours().parse({ ...addNeighbour(neighbour) }), {
      ...neighbour,
      family: 6,
      state: 0x80,
    });
  });
});

describe('Bytes that no kernel sends', () => {
  const parsers: ((message: Message) => unknown)[] = [
    parseLinkMessage,
    parseAddressMessage,
    parseRouteMessage,
    parseNsidMessage,
    dumpLinks({ stats: true }).parse,
    ({ type, body }) => {
      const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
      return statsIn(type, view, 0, view.byteLength)?.collisions;
    },
    dumpAddresses().parse,
    dumpRoutes().parse,
    dumpRules().parse,
    dumpNeighbours().parse,
    dumpNsids().parse,
  ];
  const types = [16, 17, 20, 21, 24, 25, 28, 29, 32, 33, 88, 89, 92];
  const attributes = fc
    .array(fc.tuple(fc.nat(60), fc.uint8Array({ maxLength: 30 })))
    .map((list) => {
      const writer = new Writer();
      for (const [type, payload] of list) writer.attributeBytes(type, payload);
      return writer.finish();
    });

  test('give an object or undefined, and never an error', () => {
    const header = fc.uint8Array({ maxLength: 16 });
    const family = fc.constantFrom(0, 2, 10);
    const body = fc
      .tuple(family, header, fc.oneof(attributes, fc.uint8Array({ maxLength: 200 })))
      .map((parts) =>
        Uint8Array.from(parts.flatMap((part) => (part instanceof Uint8Array ? [...part] : part))),
      );
    fc.assert(
      fc.property(body, fc.constantFrom(...types), (bytes, type) => {
        for (const parse of parsers)
          assert.doesNotThrow(() => parse({ type, flags: 0, body: bytes }));
      }),
      { numRuns: 3000 },
    );
  });

  test('a short message does not read into what lies behind it in the buffer', () => {
    const body = new Uint8Array(100).fill(2).subarray(0, 5);
    for (const parse of parsers) {
      for (const type of types) assert.equal(parse({ type, flags: 0, body }), undefined);
    }
  });

  test('a port that leaves its bridge is no link that is gone', () => {
    const body = new Writer().u8(7).zeros(3).i32(3).zeros(8).attributeString(3, 'eth0').finish();
    assert.equal(parseLinkMessage({ type: 17, flags: 0, body }), undefined);
  });
});
