import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CERTAIN, type Distribution, type ExactDirection } from '@netweir/api';
import { decodeNetem, encodeNetem, type Netem, netemDistribution } from '@netweir/kernel';
import fc from 'fast-check';
import {
  directionOfNetem,
  distributionsOf,
  isSameNetem,
  NO_DISTRIBUTIONS,
  netemOf,
} from './netem.ts';

const SHAPES: readonly Distribution[] = ['uniform', 'normal', 'pareto', 'paretonormal'];

/** Plain objects, as deepEqual tells them from those without a prototype. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;

const probability = fc.integer({ min: 0, max: CERTAIN });
const above = fc.integer({ min: 1, max: CERTAIN });
const chance = record({ probability: above, correlation: probability });
const jitterNs = fc.integer({ min: 0, max: 0x7fff_ffff });
const timeNs = fc.integer({ min: 1, max: 2 ** 52 });
const distribution = fc.constantFrom(...SHAPES);
const s32 = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
const limits = {
  maxPackets: fc.integer({ min: 0, max: 0x7fff_fffe }),
  maxBytes: fc.integer({ min: 0, max: 0x7fff_fffe }),
};

/** Every direction that a netem shows again: nothing that does nothing, no bits that fill no byte. */
const direction = fc.record(
  {
    delay: record({
      meanNs: timeNs,
      jitterNs,
      correlation: probability,
      distribution,
      keepsOrder: fc.boolean(),
    }),
    loss: fc.oneof(
      record({
        model: fc.constant('random'),
        probability: above,
        correlation: probability,
      }),
      record({
        model: fc.constant('gilbert-elliott'),
        p: probability,
        r: probability,
        lossInBad: probability,
        lossInGood: probability,
      }),
      record({
        model: fc.constant('state'),
        p13: probability,
        p31: probability,
        p32: probability,
        p23: probability,
        p14: probability,
      }),
    ),
    duplicate: chance,
    corrupt: chance,
    reorder: record({ probability, correlation: probability, gap: above }),
    rate: record({
      bitPerSec: fc.integer({ min: 1, max: 2 ** 40 }).map((bytes) => bytes * 8),
      packetOverheadBytes: s32,
      cellBytes: fc.integer({ min: 0, max: CERTAIN }),
      cellOverheadBytes: s32,
    }),
    // Below every limit that is chosen by itself, which is not shown.
    limitPackets: fc.integer({ min: 1, max: 999 }),
    slot: fc.oneof(
      record({ minDelayNs: fc.constant(0), maxDelayNs: timeNs, ...limits }),
      record({
        distribution,
        delayNs: timeNs,
        jitterNs: fc.integer({ min: 1, max: 0x7fff_ffff }),
        ...limits,
      }),
    ),
    seed: fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
    ecn: fc.boolean(),
  },
  { requiredKeys: ['ecn'], noNullPrototype: true },
) as unknown as fc.Arbitrary<ExactDirection>;

function throughTheKernel(netem: Netem): Netem {
  const { delayDistribution: _delay, slotDistribution: _slot, ...shown } = netem;
  const read = decodeNetem(encodeNetem(shown));
  assert.ok(read);
  return read;
}

describe('netemOf', () => {
  test('a netem read back is the direction that was asked for', () => {
    fc.assert(
      fc.property(direction, (wanted) => {
        const netem = throughTheKernel(netemOf(wanted, NO_DISTRIBUTIONS));
        assert.deepEqual(directionOfNetem(netem, wanted), wanted);
      }),
    );
  });

  test('a netem read back is the same as the one sent, and not the same as another', () => {
    fc.assert(
      fc.property(direction, (wanted) => {
        const sent = netemOf(wanted, NO_DISTRIBUTIONS);
        assert.ok(isSameNetem(throughTheKernel(sent), sent));
        assert.ok(!isSameNetem({ ...sent, latencyNs: sent.latencyNs + 1 }, sent));
      }),
    );
  });

  test('limits of slots that the kernel made the largest number are no limits', () => {
    const wanted = directionWith({ slot: slotOf(0) });
    const sent = netemOf(wanted, NO_DISTRIBUTIONS);
    const found = { ...sent, slot: { ...sent.slot, maxPackets: 2 ** 31 - 1 } };
    assert.ok(isSameNetem(found, sent));
    assert.deepEqual(directionOfNetem(found, wanted), wanted);
  });

  test('a seed that nobody asked for is not shown', () => {
    const netem = netemOf(directionWith({ seed: 7n }), NO_DISTRIBUTIONS);
    assert.equal(directionOfNetem(netem, undefined).seed, undefined);
    assert.equal(directionOfNetem(netem, directionWith({})).seed, undefined);
    assert.equal(directionOfNetem(netem, directionWith({ seed: 7n })).seed, 7n);
  });
});

describe('the tables of a netem', () => {
  for (const before of SHAPES) {
    for (const after of SHAPES) {
      test(`from ${before} to ${after} jitters and slots get the right table`, () => {
        const sent = distributionsOf(shaped(before));
        const { delayDistribution, slotDistribution } = netemOf(shaped(after), sent);
        const none = before === 'uniform' && after === 'uniform';
        const table = netemDistribution(after);
        assert.deepEqual(delayDistribution, none ? undefined : table);
        // A netem without a table takes such slots for ones of no time.
        assert.deepEqual(slotDistribution, table);
      });
    }
  }

  test('where nobody knows what a netem got, uniform tables are sent', () => {
    const netem = netemOf(directionWith({}), undefined);
    assert.deepEqual(netem.delayDistribution, netemDistribution('uniform'));
    assert.deepEqual(netem.slotDistribution, netemDistribution('uniform'));
  });

  test('a setting without any jitter takes a former table away', () => {
    const netem = netemOf(directionWith({}), { delay: 'normal', slot: 'uniform' });
    assert.deepEqual(netem.delayDistribution, netemDistribution('uniform'));
    assert.equal(netem.slotDistribution, undefined);
  });
});

function directionWith(part: Partial<ExactDirection>): ExactDirection {
  return { ecn: false, ...part };
}

function slotOf(maxPackets: number): NonNullable<ExactDirection['slot']> {
  return { minDelayNs: 1, maxDelayNs: 2, maxPackets, maxBytes: 0 } as NonNullable<
    ExactDirection['slot']
  >;
}

function shaped(distribution: Distribution): ExactDirection {
  return {
    delay: { meanNs: 1000, jitterNs: 100, correlation: 0, distribution },
    slot: { distribution, delayNs: 1000, jitterNs: 100, maxPackets: 0, maxBytes: 0 },
    ecn: false,
  } as ExactDirection;
}
