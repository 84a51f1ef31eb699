import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseIpPrefix } from '../route/ip-prefix.ts';
import { addFilter, deleteFilters } from './filter.ts';
import type { FilterOptions } from './filter-options.ts';
import { classid, makeFiltered } from './filter-witness.test-support.ts';
import type { Wire } from './witness.test-support.ts';

describe('filters are what tc shows, and are read as they were made', () => {
  test('by flower, with all its keys, for both IP versions at one priority', (t) => {
    const wire = makeFiltered(t, 'f');
    const { space, place, otherIfindex } = wire;
    const options: FilterOptions[] = [
      {
        kind: 'flower',
        classid,
        ethType: 0x0800,
        ipProtocol: 17,
        source: { ...parseIpPrefix('192.0.2.0/25') },
        destination: { ...parseIpPrefix('203.0.113.7') },
        tos: { value: 0xb8, mask: 0xfc },
        sourcePorts: { first: 1000, last: 2000 },
        destinationPorts: { first: 0, last: 9 },
        fragment: false,
      },
      {
        kind: 'flower',
        classid,
        ethType: 0x86dd,
        ipProtocol: 132,
        destination: { ...parseIpPrefix('2001:db8::/33') },
        sourcePorts: { port: 4096, mask: 0xfff0 },
        destinationPorts: { port: 53, mask: 0xffff },
      },
      {
        kind: 'flower',
        actions: [{ kind: 'redirect', toIfindex: otherIfindex }],
        ethType: 0x0800,
        fragment: true,
      },
    ];
    for (const each of options) space.socket.request(addFilter(place, each));
    const [first, second, third] = tcFlowers(wire);
    assert.deepEqual(first, {
      eth_type: 'ipv4',
      ip_proto: 'udp',
      dst_ip: '203.0.113.7',
      src_ip: '192.0.2.0/25',
      ip_tos: 0xb8,
      ip_tos_mask: 'fc',
      dst_port: { start: 0, end: 9 },
      src_port: { start: 1000, end: 2000 },
      ip_flags: { frag: false },
    });
    assert.deepEqual(second, {
      eth_type: 'ipv6',
      ip_proto: 'sctp',
      dst_ip: '2001:db8::/33',
      dst_port: 53,
      src_port: 4096,
      src_port_mask: 'fff0',
    });
    assert.deepEqual(third, { eth_type: 'ipv4', ip_flags: { frag: true } });
    assert.match(wire.shown(), /mirred \(Egress Redirect to device v1\) stolen/u);
    const unordered = (list: readonly unknown[]): Set<unknown> => new Set(list);
    assert.deepEqual(unordered(wire.read()), unordered(options));
    const [same] = space.socket.batch([addFilter(place, options[0] ?? assert.fail())]);
    assert.equal(same?.errnoName, 'EEXIST');
    space.socket.request(deleteFilters(place));
    assert.equal(wire.shown(), '');
  });

  test('by matchall, of which a priority has one', (t) => {
    const wire = makeFiltered(t, 'm');
    const { space, place } = wire;
    const options: FilterOptions = { kind: 'matchall', classid };
    const at = { ...place, handle: 7 };
    space.socket.request(addFilter(at, options));
    assert.match(wire.shown(), /pref 9 matchall .*handle 0x7 flowid 4e57:2/u);
    assert.deepEqual(wire.read(), [options]);
    const [again] = space.socket.batch([addFilter(at, options)]);
    assert.equal(again?.errnoName, 'EEXIST');
    space.socket.request(deleteFilters(place));
    assert.equal(wire.shown(), '');
  });
});

/** The keys of the flower filters as `tc -j` has them, in the order in which they were added. */
function tcFlowers({ space }: Wire): Record<string, unknown>[] {
  const shown: { options?: { handle?: number; keys?: Record<string, unknown> } }[] = JSON.parse(
    space.run('tc', '-j', 'filter', 'show', 'dev', 'v0', 'parent', '4e57:'),
  );
  return shown
    .flatMap(({ options }) => (options?.keys ? [options] : []))
    .toSorted((a, b) => (a.handle ?? 0) - (b.handle ?? 0))
    .map(({ keys }) => ({ ...keys }));
}
