import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Attributes } from '../netlink/attributes.ts';
import { Writer } from '../netlink/writer.ts';
import { decodeNetem, decodeNetemXstats, encodeNetem, type Netem, neutralNetem } from './netem.ts';
import { writeNetemAttributes } from './netem-attributes.ts';
import { replaceQdisc } from './qdisc.ts';
import { TC_H_ROOT } from './tcmsg.ts';

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const s31 = fc.integer({ min: 0, max: 0x7fff_ffff });
const s32 = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
const ns = fc.maxSafeNat();
const chance = fc.record({ probability: u32, correlation: u32 });
const table = fc.int16Array({ minLength: 1, maxLength: 64 });

const netem: fc.Arbitrary<Netem> = fc.record(
  {
    kind: fc.constant('netem' as const),
    latencyNs: ns,
    jitterNs: ns,
    limit: u32,
    loss: fc.oneof(
      fc.record({ model: fc.constant('random' as const), probability: u32 }),
      fc.record({
        model: fc.constant('gilbert-elliott' as const),
        p: u32,
        r: u32,
        h: u32,
        k1: u32,
      }),
      fc.record({
        model: fc.constant('state' as const),
        p13: u32,
        p31: u32,
        p32: u32,
        p14: u32,
        p23: u32,
      }),
    ),
    gap: u32,
    duplicate: u32,
    correlation: fc.record({ delay: u32, loss: u32, duplicate: u32 }),
    reorder: chance,
    corrupt: chance,
    rate: fc.record({
      bytesPerSecond: fc.oneof(u32, fc.maxSafeNat()),
      packetOverhead: s32,
      cellSize: u32,
      cellOverhead: s32,
    }),
    ecn: fc.boolean(),
    slot: fc.record({
      minDelayNs: ns,
      maxDelayNs: ns,
      maxPackets: s31,
      maxBytes: s31,
      distDelayNs: ns,
      distJitterNs: ns,
    }),
    delayDistribution: table,
    slotDistribution: table,
    seed: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  },
  {
    requiredKeys: [
      'kind',
      'latencyNs',
      'jitterNs',
      'limit',
      'loss',
      'gap',
      'duplicate',
      'correlation',
      'reorder',
      'corrupt',
      'rate',
      'ecn',
      'slot',
    ],
  },
);

const bare = { latencyTicks: 0, limit: 0, loss: 0, gap: 0, duplicate: 0, jitterTicks: 0 };

function typesOf(options: Uint8Array): number[] {
  return Attributes.entries(options, 24).map(({ type }) => type);
}

describe('encodeNetem', () => {
  test('decodes to what was encoded', () => {
    fc.assert(
      fc.property(netem, (it) => assert.deepEqual(decodeNetem(encodeNetem(it)), plain(it))),
    );
  });

  test('sends every attribute of a neutral netem, because a change keeps what is not sent', () => {
    // CORR, REORDER, ECN, CORRUPT, RATE, LATENCY64, JITTER64, SLOT
    assert.deepEqual(typesOf(encodeNetem(neutralNetem)), [1, 3, 7, 4, 6, 10, 11, 12]);
  });

  test('sends the 32-bit rate with a 64-bit one, so that no older rate takes part', () => {
    const rate = { ...neutralNetem.rate, bytesPerSecond: 2 ** 32 };
    const options = Attributes.read(encodeNetem({ ...neutralNetem, rate }), 24);
    assert.equal(options.u32(6), 0xffff_ffff);
    assert.equal(options.u64(8), 2n ** 32n);
    const small = { ...neutralNetem.rate, bytesPerSecond: 2 ** 32 - 1 };
    const smallOptions = Attributes.read(encodeNetem({ ...neutralNetem, rate: small }), 24);
    assert.equal(smallOptions.u32(6), 0xffff_ffff);
    assert.equal(smallOptions.has(8), false);
  });

  test('gives a delay beyond the 274 s of ticks in full in nanoseconds', () => {
    const options = encodeNetem({ ...neutralNetem, latencyNs: 600e9 });
    assert.equal(Buffer.from(options).readUInt32LE(0), 0xffff_ffff);
    assert.equal(Attributes.read(options, 24).i64(10), 600_000_000_000n);
  });

  test('refuses what its field cannot hold', () => {
    const bad: Partial<Netem>[] = [
      { latencyNs: -1 },
      { latencyNs: 0.5 },
      { jitterNs: Number.NaN },
      { limit: 2 ** 32 },
      { gap: -1 },
      { loss: { model: 'random', probability: 0.1 } },
      { corrupt: { probability: 2 ** 32, correlation: 0 } },
      { delayDistribution: new Int16Array() },
      { delayDistribution: new Int16Array(16_385) },
    ];
    for (const change of bad) {
      assert.throws(() => encodeNetem({ ...neutralNetem, ...change }), RangeError);
    }
  });

  test('refuses two tables of 16384 entries, which fit in no one message', () => {
    const uniform = new Int16Array(16_384);
    const both = { ...neutralNetem, delayDistribution: uniform, slotDistribution: uniform };
    assert.equal(
      encodeNetem({ ...neutralNetem, delayDistribution: uniform }).length > 32_768,
      true,
    );
    assert.throws(
      () => replaceQdisc({ ifindex: 2, parent: TC_H_ROOT, target: 'd0' }, both),
      RangeError,
    );
  });
});

describe('decodeNetem', () => {
  test('any bytes give a netem or undefined', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assert.equal(decodeNetem(bytes) === undefined, bytes.length < 24);
      }),
    );
  });

  test('any bytes as its attributes give a netem', () => {
    const attributes = fc.array(fc.tuple(fc.nat(15), fc.uint8Array({ maxLength: 50 })));
    fc.assert(
      fc.property(attributes, (list) => {
        const parts = list.map(([type, payload]) => {
          const header = Buffer.alloc(4);
          header.writeUInt16LE(payload.length + 4, 0);
          header.writeUInt16LE(type, 2);
          return Buffer.concat([header, payload, Buffer.alloc(-payload.length & 3)]);
        });
        const options = Buffer.concat([Buffer.alloc(24), ...parts]);
        assert.equal(decodeNetem(options)?.kind, 'netem');
      }),
    );
  });

  test('takes the delay from ticks where the kernel knows no nanoseconds', () => {
    const writer = new Writer();
    writeNetemAttributes(writer, { ...bare, latencyTicks: 1_562_500, jitterTicks: 2 });
    const decoded = decodeNetem(writer.finish());
    assert.equal(decoded?.latencyNs, 100_000_000);
    assert.equal(decoded?.jitterNs, 128);
  });
});

test('decodeNetemXstats reads the counters in order and takes a shorter structure', () => {
  const bytes = Buffer.alloc(56);
  for (let index = 0; index < 7; index++) bytes.writeBigUInt64LE(BigInt(index + 1), index * 8);
  const counters = {
    delayed: 1,
    dropped: 2,
    corrupted: 3,
    duplicated: 4,
    reordered: 5,
    ecnMarked: 6,
    allocationErrors: 7,
  };
  assert.deepEqual(decodeNetemXstats(bytes), counters);
  assert.deepEqual(decodeNetemXstats(bytes.subarray(0, 48)), { ...counters, allocationErrors: 0 });
});

/** fast-check's records have no prototype, which deepEqual would count as a difference. */
function plain(value: Netem): Netem {
  return structuredClone(value);
}
