import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { exactDirection } from '@netweir/api';
import { DirectionModel, NOTHING } from './direction.ts';
import { HELD, LOST, SENT } from './fate.ts';

type Wanted = Parameters<typeof exactDirection>[0];

const SEGMENTS = 44;
const WHOLE = 65_226;
const FIRST = 1514;

function modelOf(wanted: Wanted): DirectionModel {
  return new DirectionModel(exactDirection(wanted), 1n, 0);
}

describe('a GSO frame', () => {
  test('is one packet of its whole length', () => {
    const model = modelOf({
      rate: { rate: '8gbit' },
      loss: { model: 'random', probability: '10%' },
    });
    const fates = Array.from({ length: 10_000 }, (_, index) => {
      const nowNs = index * WHOLE;
      const { outcome, dueNs } = model.enqueue(nowNs, WHOLE, false, SEGMENTS, FIRST).packet;
      return { outcome, waitNs: dueNs - nowNs };
    });
    const lost = fates.filter(({ outcome }) => outcome === LOST).length;
    assert.ok(Math.abs(lost / 10_000 - 0.1) < 0.015);
    const held = fates.filter(({ outcome }) => outcome === HELD);
    assert.ok(held.every(({ waitNs }) => waitNs === WHOLE));
    assert.equal(held.length + lost, 10_000);
  });

  test('uses up the bytes of a slot with its whole length, as it does a rate', () => {
    for (const [maxBytes, leave] of [
      [WHOLE, 1],
      [WHOLE + 1, 2],
    ] as const) {
      const model = modelOf({ slot: { minDelay: '1ms', maxDelay: '1ms', maxBytes } });
      for (const handle of [0, 1, 2]) {
        model.hold(model.enqueue(0, WHOLE, false, SEGMENTS, FIRST).packet, handle);
      }
      let left = 0;
      while (model.dequeue(0) !== NOTHING) left += 1;
      assert.equal(left, leave);
    }
  });

  test('is split to be corrupted, and its first packet takes the damage', () => {
    const model = modelOf({ corrupt: { probability: '100%' }, rate: { rate: '8gbit' } });
    const { packet } = model.enqueue(0, WHOLE, false, SEGMENTS, FIRST);
    assert.deepEqual([packet.isOfFirstSegment, packet.dueNs], [true, FIRST]);
    assert.ok(packet.corruptBit >= 0 && packet.corruptBit < FIRST * 8);
    model.hold(packet, 0);
    const rest = model.enqueueRest(FIRST, packet).packet;
    assert.deepEqual([rest.isOfFirstSegment, rest.dueNs], [false, 2 * FIRST]);
    assert.ok(packet.isOfFirstSegment, 'the first verdict stays');
  });

  test('is marked as a whole where it would be lost', () => {
    const model = modelOf({ loss: { model: 'random', probability: '100%' }, ecn: true });
    const { packet } = model.enqueue(0, WHOLE, true, SEGMENTS, FIRST);
    assert.deepEqual([packet.outcome, packet.isMarked], [SENT, true]);
  });

  test('whose duplicate is split does not duplicate the packets of that', () => {
    const model = modelOf({
      duplicate: { probability: '100%' },
      corrupt: { probability: '100%' },
    });
    const { packet, duplicate } = model.enqueue(0, WHOLE, false, SEGMENTS, FIRST);
    assert.ok(duplicate.isOfFirstSegment);
    assert.equal(model.enqueueRest(FIRST, duplicate).duplicate.outcome, 0);
    assert.equal(model.enqueueRest(FIRST, packet).duplicate.outcome, SENT);
  });
});
