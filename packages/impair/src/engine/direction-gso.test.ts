import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { exactDirection } from '@netweir/api';
import { DirectionModel } from './direction.ts';
import { DECIMATED, HELD, LOST, SENT } from './fate.ts';

type Wanted = Parameters<typeof exactDirection>[0];

const SEGMENTS = 44;
const WHOLE = 65_226;
const FIRST = 1514;

function modelOf(wanted: Wanted, perSegmentLoss = false): DirectionModel {
  return new DirectionModel(exactDirection(wanted), 1n, 0, { perSegmentLoss });
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

  test('is split to be corrupted, and its first packet takes the damage', () => {
    const model = modelOf({ corrupt: { probability: '100%' }, rate: { rate: '8gbit' } });
    const { packet } = model.enqueue(0, WHOLE, false, SEGMENTS, FIRST);
    assert.deepEqual([packet.isOfFirstSegment, packet.dueNs], [true, FIRST]);
    assert.ok(packet.corruptBit >= 0 && packet.corruptBit < FIRST * 8);
    model.hold(packet, 0, FIRST);
    const rest = model.enqueueRest(0, FIRST, false, packet).packet;
    assert.deepEqual([rest.isOfFirstSegment, rest.dueNs], [false, 2 * FIRST]);
    assert.ok(packet.isOfFirstSegment, 'the first verdict stays');
  });

  test('loses single packets where that is asked, at the same rate', () => {
    const model = modelOf({ loss: { model: 'random', probability: '1%' } }, true);
    let [lost, decimated] = [0, 0];
    for (let frame = 0; frame < 5000; frame++) {
      const { packet } = model.enqueue(0, WHOLE, false, SEGMENTS, FIRST);
      if (packet.outcome !== DECIMATED) {
        assert.equal(packet.outcome, SENT);
        continue;
      }
      decimated += 1;
      for (let segment = 0; segment < SEGMENTS; segment++) {
        if (packet.lostSegments[segment]) lost += 1;
        else assert.equal(model.enqueueRest(0, FIRST, false, packet).packet.outcome, SENT);
      }
    }
    assert.ok(Math.abs(lost / (5000 * SEGMENTS) - 0.01) < 0.001);
    assert.ok(Math.abs(decimated / 5000 - (1 - 0.99 ** SEGMENTS)) < 0.03);
    assert.equal(model.counters.lost, lost);
  });

  test('is lost as a whole where all its packets are', () => {
    const model = modelOf({ loss: { model: 'random', probability: '100%' } }, true);
    assert.equal(model.enqueue(0, WHOLE, false, 1000, FIRST).packet.outcome, LOST);
  });

  test('is marked as a whole where one of its packets would be lost', () => {
    const model = modelOf({ loss: { model: 'random', probability: '100%' }, ecn: true }, true);
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
    assert.equal(model.enqueueRest(0, FIRST, false, duplicate).duplicate.outcome, 0);
    assert.equal(model.enqueueRest(0, FIRST, false, packet).duplicate.outcome, SENT);
  });
});
