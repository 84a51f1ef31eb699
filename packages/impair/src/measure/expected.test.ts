import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Direction, exactDirection, type Mechanism } from '@netweir/api';
import { type Expected, expectedOf, lossShare } from './expected.ts';

const FRAME = 106;

function expected(...directions: readonly (Direction | [Direction, Mechanism])[]): Expected {
  const elements = directions.map((one) => {
    const [set, mechanism] = Array.isArray(one) ? one : [one, 'netem' as const];
    return { name: 'v0', exact: exactDirection(set), set, mechanism, counters: null };
  });
  return expectedOf(elements, FRAME, 2);
}

function near(value: number | undefined, wanted: number, tolerance: number): void {
  assert.ok(
    value !== undefined && Math.abs(value - wanted) <= tolerance,
    `${value}, not ${wanted}`,
  );
}

const random = (probability: string): Direction => ({ loss: { model: 'random', probability } });
const shareOf = (loss: NonNullable<Direction['loss']>): number => {
  const exact = exactDirection({ loss }).loss;
  assert.ok(exact);
  return lossShare(exact);
};

describe('what is set on a way', () => {
  test('is nothing where nothing is', () => {
    const { delayMs, loss, duplicate, reorder, rateBitPerSec } = expected();
    assert.deepEqual([delayMs, loss, duplicate, reorder], [0, 0, 0, 0]);
    assert.equal(rateBitPerSec, Number.POSITIVE_INFINITY);
  });

  test('adds delays and the squares of jitters', () => {
    const { delayMs, jitterMs } = expected(
      { delay: { mean: '50ms', jitter: '6ms', distribution: 'normal' } },
      { delay: { mean: '40ms', jitter: '8ms', distribution: 'normal' } },
      { delay: { mean: '5ms' } },
    );
    near(delayMs, 95, 0.05);
    near(jitterMs, 10, 0.15);
  });

  test('has the spread of the distribution: a uniform jitter goes as far to each side', () => {
    const { jitterMs } = expected({ delay: { mean: '50ms', jitter: '10ms' } });
    near(jitterMs, 10 / Math.sqrt(3), 0.01);
  });

  test('never has a delay below zero', () => {
    const { delayMs } = expected({ delay: { mean: '0ms', jitter: '10ms' } });
    near(delayMs, 2.5, 0.01);
  });

  test('combines losses as of packets that have to get through all', () => {
    near(expected(random('10%'), random('20%')).loss, 0.28, 1e-6);
  });

  test('knows that a packet which is to be lost and doubled comes once', () => {
    const { loss, duplicate } = expected({ ...random('10%'), duplicate: { probability: '50%' } });
    near(loss, 0.05, 1e-6);
    near(duplicate, 0.5 * 0.9 * 0.9, 1e-6);
  });

  test('doubles what was doubled, which is more than one copy once', () => {
    const twice = { duplicate: { probability: '50%' } };
    near(expected(twice, twice).duplicate, 0.75, 1e-6);
  });

  test('takes the least rate, in bits of whole frames', () => {
    const { rateBitPerSec, delayMs } = expected(
      { rate: { rate: '10mbit' } },
      { rate: { rate: '1mbit' } },
    );
    near(rateBitPerSec, 1e6, 100);
    // 106 bytes at both rates.
    near(delayMs, 0.848 + 0.0848, 0.001);
    near(expected({ rate: { rate: '1mbit', packetOverheadBytes: 106 } }).rateBitPerSec, 5e5, 50);
  });

  test('takes no time for single packets in a token bucket', () => {
    const { delayMs, delayAllowanceMs } = expected([{ rate: { rate: '1mbit' } }, 'tbf']);
    assert.equal(delayMs, 0);
    near(delayAllowanceMs, 0.848, 0.001);
  });

  test('has less behind a loss that comes after the rate, and as much after one before it', () => {
    near(expected({ rate: { rate: '10mbit' } }, random('10%')).rateBitPerSec, 9e6, 1000);
    assert.equal(expected(random('100%')).rateBitPerSec, Number.POSITIVE_INFINITY);
    near(expected(random('10%'), { rate: { rate: '10mbit' } }).rateBitPerSec, 1e7, 1000);
  });

  test('lets jump the share of packets that reorder says, those after a gap one by one', () => {
    const jump = (reorder: NonNullable<Direction['reorder']>): Expected =>
      expected({ delay: { mean: '50ms' }, reorder });
    near(jump({ probability: '25%' }).reorder, 0.25, 1e-6);
    near(jump({ probability: '25%' }).delayMs, 37.5, 0.01);
    assert.deepEqual(jump({ probability: '100%', gap: 5 }).held, { share: 0.8, delayMs: 50 });
    near(jump({ probability: '100%', gap: 5 }).reorder, 0.2, 1e-6);
    near(jump({ probability: '50%', gap: 5 }).reorder, 1 / 6, 1e-6);
  });

  test('says nothing of an order that depends on when packets are sent', () => {
    const short = { delay: { mean: '1ms' }, reorder: { probability: '25%' } };
    assert.equal(expected(short).reorder, undefined);
    assert.equal(expected({ delay: { mean: '9ms', jitter: '5ms' } }).reorder, undefined);
    const kept = { delay: { mean: '9ms', jitter: '5ms', reorder: 'none' as const } };
    assert.equal(expected(kept).reorder, 0);
    assert.equal(expected(kept).jitterMs, undefined);
  });

  test('has the losses of chains in the long run', () => {
    near(shareOf({ model: 'gilbert-elliott', p: '1%', r: '20%' }), 1 / 21, 1e-6);
    near(
      shareOf({ model: 'gilbert-elliott', p: '10%', r: '10%', lossInBad: '50%', lossInGood: '2%' }),
      0.26,
      1e-6,
    );
    near(shareOf({ model: 'state', p13: '5%', p31: '45%' }), 0.1, 1e-6);
    near(shareOf({ model: 'state', p13: '0%', p31: '45%', p14: '25%' }), 0.2, 1e-6);
    near(shareOf({ model: 'state', p13: '10%', p31: '20%', p32: '20%', p23: '40%' }), 2 / 7, 0.01);
  });
});
