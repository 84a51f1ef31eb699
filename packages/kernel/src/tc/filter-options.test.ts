import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Writer } from '../netlink/writer.ts';
import type { IpPrefix } from '../route/ip-prefix.ts';
import { parseIpPrefix } from '../route/ip-prefix.ts';
import { decodeFilterOptions, type FilterOptions, writeFilterOptions } from './filter-options.ts';
import type { FilterVerdict } from './filter-verdict.ts';
import type { Flower } from './flower.ts';

function encode(options: FilterOptions): Uint8Array {
  const writer = new Writer();
  writeFilterOptions(writer, options);
  return writer.finish();
}

const u8 = fc.nat({ max: 0xff });
const u16 = fc.nat({ max: 0xffff });
const u32 = fc.nat({ max: 0xffff_ffff });

const verdict: fc.Arbitrary<FilterVerdict> = fc.record(
  {
    classid: u32,
    actions: fc.array(
      fc.record({
        kind: fc.constant('redirect' as const),
        toIfindex: fc.integer({ min: 1, max: 99 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  },
  { requiredKeys: [] },
);

function prefix(family: 4 | 6): fc.Arbitrary<IpPrefix> {
  const bits = family === 4 ? 32 : 128;
  return fc.integer({ min: 1, max: bits }).chain((prefixLength) =>
    fc.uint8Array({ minLength: bits / 8, maxLength: bits / 8 }).map((bytes) => {
      const clear = bytes.map((byte, at) => {
        const kept = Math.min(8, Math.max(0, prefixLength - 8 * at));
        return byte & (0xff << (8 - kept));
      });
      return { family, bytes: clear, prefixLength };
    }),
  );
}

const ports = fc.oneof(
  fc.record({ port: u16, mask: u16 }),
  fc
    .tuple(u16, u16)
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => ({
      first: Math.min(a, b),
      last: Math.max(a, b),
    })),
);

const flower: fc.Arbitrary<Flower> = fc.constantFrom(4, 6).chain((family) =>
  fc
    .tuple(
      verdict,
      fc.record(
        {
          ipProtocol: fc.constantFrom(6, 17, 132),
          source: prefix(family),
          destination: prefix(family),
          tos: u8.chain((mask) => u8.map((value) => ({ value: value & mask, mask }))),
          sourcePorts: ports,
          destinationPorts: ports,
          fragment: fc.boolean(),
        },
        { requiredKeys: ['ipProtocol'] },
      ),
    )
    .map(([of, keys]) => ({
      kind: 'flower' as const,
      ethType: family === 4 ? 0x0800 : 0x86dd,
      ...of,
      ...keys,
    })),
);

const options: fc.Arbitrary<FilterOptions> = fc.oneof(
  flower,
  verdict.map((of) => ({ kind: 'matchall' as const, ...of })),
  fc
    .tuple(
      verdict,
      fc.array(fc.record({ offset: fc.integer({ min: -64, max: 1024 }), mask: u32, value: u32 }), {
        maxLength: 20,
      }),
    )
    .map(([of, keys]) => ({ kind: 'u32' as const, ...of, keys })),
);

describe('the options of a filter', () => {
  test('are read as they were written', () => {
    fc.assert(
      fc.property(options, (wanted) => {
        const read = decodeFilterOptions(wanted.kind, encode(wanted));
        // The clone has the prototypes that fast-check leaves out.
        assert.deepEqual(read, structuredClone(wanted));
      }),
      { numRuns: 2000 },
    );
  });

  test('are something or nothing, whatever the bytes', () => {
    const kinds = fc.constantFrom('u32', 'flower', 'matchall', 'bpf');
    fc.assert(
      fc.property(options, kinds, u32, u8, (wanted, kind, seed, byte) => {
        const bytes = encode(wanted).slice();
        if (bytes.length > 0) bytes[seed % bytes.length] = byte;
        const read = decodeFilterOptions(
          kind,
          bytes.subarray(0, (seed >>> 8) % (bytes.length + 1)),
        );
        assert.ok(read === undefined || read.kind === kind);
      }),
      { numRuns: 5000 },
    );
  });

  test('have numbers that fit', () => {
    const flower4 = { kind: 'flower' as const, ethType: 0x0800 };
    const refused: FilterOptions[] = [
      { ...flower4, ethType: 0x1_0000 },
      { ...flower4, ipProtocol: 256 },
      { ...flower4, destination: parseIpPrefix('2001:db8::/32') },
      { ...flower4, ethType: 0x0806, source: parseIpPrefix('10.0.0.1') },
      { ...flower4, source: parseIpPrefix('0.0.0.0/0') },
      { ...flower4, tos: { value: 256, mask: 0xff } },
      { ...flower4, sourcePorts: { port: 80, mask: 0xffff } },
      { ...flower4, ipProtocol: 1, sourcePorts: { first: 1, last: 2 } },
      { ...flower4, ipProtocol: 6, sourcePorts: { first: 2, last: 2 } },
      { ...flower4, ipProtocol: 6, sourcePorts: { port: 0x1_0000, mask: 0xffff } },
      { kind: 'u32', keys: [{ offset: 0, mask: -1, value: 0 }] },
      { kind: 'u32', keys: [{ offset: 0.5, mask: 0, value: 0 }] },
      { kind: 'u32', keys: new Array(129).fill({ offset: 0, mask: 0, value: 0 }) },
      { kind: 'matchall', classid: 2 ** 32 },
      { kind: 'matchall', actions: [{ kind: 'redirect', toIfindex: 0 }] },
      { kind: 'matchall', actions: new Array(33).fill({ kind: 'redirect', toIfindex: 1 }) },
    ];
    for (const wanted of refused) assert.throws(() => encode(wanted), RangeError);
  });
});
