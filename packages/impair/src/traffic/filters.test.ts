import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isNetweirError } from '@netweir/api';
import type { Flower, FlowerPorts, U32 } from '@netweir/kernel';
import fc from 'fast-check';
import { filtersOf } from './filters.ts';
import { frameOfPacket, isOfMatch, matches, type Packet, packets } from './packet.test-support.ts';
import { portBlocksOf } from './port-blocks.ts';
import { termsOf } from './term.ts';

/** What cls_u32 does: words from the IP header on, and no match where the packet is too short. */
function takesU32(filter: U32, packet: Packet): boolean {
  const frame = frameOfPacket(packet);
  const view = new DataView(frame.buffer, 14 + 4 * packet.vlanTags);
  return filter.keys.every(
    ({ offset, mask, value }) =>
      offset + 4 <= view.byteLength && ((view.getUint32(offset) ^ value) & mask) === 0,
  );
}

/** What cls_flower does with what the kernel's flow dissector reads: a fragment's ports are 0. */
function takesFlower(filter: Flower, packet: Packet): boolean {
  const ports = packet.fragment === 'none' ? packet.ports : [0, 0];
  const hasPort = (wanted: FlowerPorts | undefined, port = 0): boolean => {
    if (!wanted) return true;
    if ('first' in wanted) return wanted.first <= port && port <= wanted.last;
    return ((port ^ wanted.port) & wanted.mask) === 0;
  };
  const hasPrefix = (prefix: Flower['source'], address: readonly number[]): boolean =>
    !prefix ||
    bitsOf([...prefix.bytes], prefix.prefixLength) === bitsOf(address, prefix.prefixLength);
  const { tos = { value: 0, mask: 0 } } = filter;
  return (
    filter.ethType === (packet.family === 4 ? 0x0800 : 0x86dd) &&
    (filter.ipProtocol === undefined || filter.ipProtocol === packet.protocol) &&
    ((packet.tos ^ tos.value) & tos.mask) === 0 &&
    hasPrefix(filter.source, packet.source) &&
    hasPrefix(filter.destination, packet.destination) &&
    (filter.fragment === undefined || filter.fragment === (packet.fragment !== 'none')) &&
    hasPort(filter.sourcePorts, ports[0]) &&
    hasPort(filter.destinationPorts, ports[1])
  );
}

function bitsOf(bytes: readonly number[], count: number): string {
  return bytes
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('')
    .slice(0, count);
}

/** Checks against what the match means; a match of too many filters counts as checked. */
function checkAll(classifier: 'flower' | 'u32', plain: boolean): void {
  const some = fc.array(packets({ plain }), { minLength: 20, maxLength: 20 });
  fc.assert(
    fc.property(matches, some, fc.constantFrom('egress', 'ingress'), (match, some, way) => {
      const filters = filtersOrNone(() => filtersOf(termsOf(match, new Map(), way), classifier));
      if (!filters) return;
      for (const packet of some) {
        const taken = filters.some((filter) => {
          if (filter.kind === 'u32') return takesU32(filter, packet);
          return filter.kind === 'flower' && takesFlower(filter, packet);
        });
        assert.equal(taken, isOfMatch(packet, match, way));
      }
    }),
    { numRuns: 2000 },
  );
}

function filtersOrNone<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    assert.ok(isNetweirError(error) && error.code === 'invalid-combination');
    return undefined;
  }
}

describe('the filters of a match', () => {
  test('of u32 take its packets and no others, where no header is unusual', () => {
    checkAll('u32', true);
  });

  test('of flower take its packets and no others, whatever the headers', () => {
    checkAll('flower', false);
  });

  test('of flower never mix a range at one end with a port at the other', () => {
    const match = { remotePorts: ['1000-1003'], localPorts: ['53'], protocol: 'udp' as const };
    const filters = filtersOf(termsOf({ ...match, family: 4 }, new Map(), 'egress'), 'flower');
    assert.deepEqual(filters, [
      {
        kind: 'flower',
        ethType: 0x0800,
        ipProtocol: 17,
        fragment: false,
        sourcePorts: { port: 53, mask: 0xffff },
        destinationPorts: { port: 1000, mask: 0xfffc },
      },
    ]);
  });

  test('are 256 at most', () => {
    const match = { remotePorts: ['1-65534'], localPorts: ['1-65534'], protocol: 'tcp' as const };
    const terms = termsOf({ ...match, family: 4 }, new Map(), 'egress');
    assert.equal(filtersOf(terms, 'flower').length, 1);
    assert.throws(
      () => filtersOf(terms, 'u32'),
      (error) =>
        isNetweirError(error) &&
        error.code === 'invalid-combination' &&
        error.message.includes('becomes 900 filters'),
    );
  });
});

describe('blocks of ports', () => {
  test('have the ports of their range, each once, and are 30 at most', () => {
    const port = fc.nat({ max: 0xffff });
    fc.assert(
      fc.property(port, port, (a, b) => {
        const [first, last] = [Math.min(a, b), Math.max(a, b)];
        const blocks = portBlocksOf({ first, last });
        assert.ok(blocks.length <= 30);
        let next = first;
        for (const { port, mask } of blocks) {
          assert.equal(port, next);
          assert.equal(port & mask, port);
          next += 0x1_0000 - mask;
        }
        assert.equal(next, last + 1);
      }),
    );
  });
});
