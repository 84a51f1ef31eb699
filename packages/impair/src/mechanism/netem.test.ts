import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Distribution, ExactDirection } from '@netweir/api';
import {
  decodeNetem,
  encodeNetem,
  type Netem,
  netemDistribution,
  replaceQdisc,
  TC_H_ROOT,
} from '@netweir/kernel';
import fc from 'fast-check';
import { direction, SHAPES } from './direction.test-support.ts';
import {
  directionOfNetem,
  distributionsOf,
  isSameNetem,
  NO_DISTRIBUTIONS,
  netemOf,
} from './netem.ts';

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

  test('two tables at once fit into a message, whatever they are', () => {
    for (const shape of SHAPES) {
      for (const sent of [undefined, { delay: 'normal', slot: 'normal' } as const]) {
        const place = { ifindex: 2, parent: TC_H_ROOT, target: 'eth0' };
        const request = replaceQdisc(place, netemOf(shaped(shape), sent));
        assert.ok(request.body.length > 16_384, shape);
      }
    }
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
