import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ExactDirection, exactDirection } from '@netweir/api';
import { DirectionModel, NOTHING } from './direction.ts';
import { ABSENT, HELD, LOST, REFUSED, SENT } from './fate.ts';
import { replay, stream } from './replay.test-support.ts';
import { areOfOneDistribution, mean } from './statistics.test-support.ts';

type Wanted = Parameters<typeof exactDirection>[0];

const MS = 1_000_000;

function modelOf(wanted: Wanted, nowNs = 0): DirectionModel {
  return new DirectionModel(exactDirection(wanted), 1n, nowNs);
}

const random = (probability: string): Wanted['loss'] => ({ model: 'random', probability });

describe('a packet', () => {
  test('goes on at once where nothing is asked', () => {
    const model = new DirectionModel({ ecn: false } as ExactDirection, 1n, 0);
    const { packet, duplicate } = model.enqueue(7, 100);
    assert.deepEqual([packet.outcome, packet.dueNs, packet.corruptBit], [SENT, 7, -1]);
    assert.equal(duplicate.outcome, ABSENT);
    assert.equal(model.wakeNs, Infinity);
  });

  test('leaves after its delay and not before', () => {
    const model = modelOf({ delay: { mean: '10ms' } });
    const { packet } = model.enqueue(5 * MS, 100);
    assert.deepEqual([packet.outcome, packet.dueNs], [HELD, 15 * MS]);
    model.hold(packet, 77);
    assert.deepEqual([model.length, model.wakeNs], [1, 15 * MS]);
    assert.equal(model.dequeue(15 * MS - 1), NOTHING);
    assert.equal(model.dequeue(15 * MS), 77);
    assert.equal(model.dequeue(15 * MS), NOTHING);
    assert.deepEqual([model.length, model.wakeNs], [0, Infinity]);
  });

  test('with a jitter above its delay often goes at once, in time for what is due before it', () => {
    const model = modelOf({ delay: { mean: '1ms', jitter: '50ms' } });
    const outcomes = Array.from({ length: 10_000 }, () => model.enqueue(0, 100).packet.outcome);
    const atOnce = outcomes.filter((outcome) => outcome === SENT).length;
    assert.ok(Math.abs(atOnce / 10_000 - 0.49) < 0.02, `${atOnce} of 10,000 went at once`);
  });

  test('overtakes another by its jitter, unless order is to be kept', () => {
    const dueOf = (reorder: 'natural' | 'none'): number[] => {
      const model = modelOf({ delay: { mean: '100ms', jitter: '20ms', reorder } });
      return Array.from({ length: 1000 }, (_, index) => {
        const { packet } = model.enqueue(index * MS, 100);
        model.hold(packet, index);
        return packet.dueNs;
      });
    };
    const natural = dueOf('natural');
    const kept = dueOf('none');
    assert.notDeepEqual(
      natural,
      natural.toSorted((a, b) => a - b),
    );
    assert.deepEqual(
      kept,
      kept.toSorted((a, b) => a - b),
    );
    assert.ok(kept.every((due, index) => due >= (natural[index] ?? Infinity)));
  });

  test('does not overtake what should have left already', () => {
    const model = modelOf({ delay: { mean: '10ms' } });
    model.hold(model.enqueue(0, 100).packet, 1);
    model.reconfigure(exactDirection({ loss: random('0%') }), 1n, 20 * MS);
    const late = model.enqueue(20 * MS, 100).packet;
    assert.deepEqual([late.outcome, late.dueNs], [HELD, 20 * MS]);
    model.hold(late, 2);
    assert.deepEqual([model.dequeue(20 * MS), model.dequeue(20 * MS)], [1, 2]);
  });
});

describe('a rate', () => {
  test('holds for packets that came long before the thread could take them', () => {
    const model = modelOf({ rate: { rate: '10mbit' } });
    const nowNs = 40 * MS;
    const left: number[] = [];
    // Of 1 ms each, which came within 1 ms; the thread takes 32 at a time and lets go what is due.
    for (let index = 0; index < 100; index++) {
      const { packet } = model.enqueue(index * 10_000, 1250);
      assert.deepEqual([packet.outcome, packet.dueNs], [HELD, (index + 1) * MS]);
      model.hold(packet, index);
      if (index % 32 !== 31) continue;
      for (let handle = model.dequeue(nowNs); handle !== NOTHING; handle = model.dequeue(nowNs)) {
        left.push(handle);
      }
    }
    assert.equal(left.length, 40);
    assert.deepEqual([model.length, model.wakeNs], [60, 41 * MS]);
  });

  test('forgets the wire when it has been free', () => {
    const model = modelOf({ rate: { rate: '10mbit' } });
    model.hold(model.enqueue(0, 1250).packet, 0);
    assert.equal(model.dequeue(MS), 0);
    assert.equal(model.enqueue(5 * MS, 1250).packet.dueNs, 6 * MS);
  });
});

describe('reordering', () => {
  test('with a gap of 3 every third packet goes at once', () => {
    const model = modelOf({
      delay: { mean: '10ms' },
      reorder: { probability: '100%', gap: 3 },
    });
    const waits = replay(model, stream(9, MS)).map(({ packet, atNs }) => [
      packet,
      atNs / MS - packet,
    ]);
    assert.deepEqual(
      waits.sort(([a = 0], [b = 0]) => a - b).map(([, wait]) => wait),
      [10, 10, 0, 10, 10, 0, 10, 10, 0],
    );
  });
});

describe('loss and duplication', () => {
  test('100% loses all, 0% none', () => {
    assert.equal(replay(modelOf({ loss: random('0%') }), stream(1000, MS)).length, 1000);
    const model = modelOf({ loss: random('100%') });
    assert.equal(replay(model, stream(1000, MS)).length, 0);
    assert.equal(model.counters.lost, 1000);
  });

  test('10% loses 10%', () => {
    const left = replay(modelOf({ loss: random('10%') }), stream(100_000, MS)).length;
    assert.ok(Math.abs(left - 90_000) < 400, String(left));
  });

  test('a duplicate follows its packet, and is not duplicated again', () => {
    const model = modelOf({ duplicate: { probability: '100%' }, delay: { mean: '1ms' } });
    const departures = replay(model, stream(100, MS / 10));
    assert.deepEqual(
      departures.map(({ packet, isDuplicate }) => `${packet} ${isDuplicate}`),
      stream(100, 1).flatMap((_, packet) => [`${packet} true`, `${packet} false`]),
    );
  });

  test('a packet both lost and duplicated is there once', () => {
    const model = modelOf({ duplicate: { probability: '100%' }, loss: random('100%') });
    assert.equal(replay(model, stream(100, MS)).length, 100);
    assert.equal(model.counters.lost, 0);
  });

  test('a duplicate has its own loss and its own damage', () => {
    const model = modelOf({
      duplicate: { probability: '100%' },
      corrupt: { probability: '50%' },
    });
    const all = replay(model, stream(20_000, MS));
    const [copies, originals] = [
      all.filter((one) => one.isDuplicate),
      all.filter((one) => !one.isDuplicate),
    ];
    const damaged = copies.filter(
      ({ corruptBit }, at) => corruptBit >= 0 && (originals[at]?.corruptBit ?? -1) >= 0,
    );
    assert.ok(Math.abs(damaged.length / 20_000 - 0.25) < 0.02);
    assert.ok(all.every(({ corruptBit }) => corruptBit < 800));
  });
});

describe('marking', () => {
  test('marks instead of losing where the packet takes part in ECN', () => {
    const model = modelOf({ loss: random('100%'), ecn: true });
    assert.ok(model.marks);
    const marked = model.enqueue(0, 100, true).packet;
    assert.deepEqual([marked.outcome, marked.isMarked], [SENT, true]);
    const lost = model.enqueue(0, 100, false).packet;
    assert.deepEqual([lost.outcome, lost.isMarked], [LOST, false]);
    assert.equal(model.counters.lost, 1);
  });

  test('a duplicate of a marked packet is marked, and of another one as it happens', () => {
    const model = modelOf({ loss: random('50%'), ecn: true, duplicate: { probability: '100%' } });
    const marks = Array.from({ length: 1000 }, () => {
      const { packet, duplicate } = model.enqueue(0, 100, true);
      return `${packet.isMarked} ${duplicate.isMarked}`;
    });
    assert.deepEqual([...new Set(marks)].sort(), ['false false', 'false true', 'true true']);
  });
});

describe('the limit', () => {
  test('refuses what comes when the queue is full, with its duplicate', () => {
    const model = modelOf({ delay: { mean: '1s' }, limitPackets: 2 });
    for (const handle of [1, 2]) {
      const { packet } = model.enqueue(0, 100);
      assert.equal(packet.outcome, HELD);
      model.hold(packet, handle);
    }
    model.reconfigure(
      exactDirection({
        delay: { mean: '1s' },
        limitPackets: 2,
        duplicate: { probability: '100%' },
      }),
      1n,
      0,
    );
    const { packet, duplicate } = model.enqueue(0, 100);
    assert.deepEqual([packet.outcome, duplicate.outcome], [REFUSED, ABSENT]);
    assert.equal(model.counters.refused, 1);
    model.dequeue(1e9);
    assert.equal(model.enqueue(1e9, 100).packet.outcome, HELD);
  });
});

describe('a rate', () => {
  test('sends one packet after the other, each in its time', () => {
    const model = modelOf({ rate: { rate: '12mbit' } });
    const departures = replay(model, stream(5, 0, 1500));
    assert.deepEqual(
      departures.map(({ packet, atNs }) => [packet, atNs]),
      [0, 1, 2, 3, 4].map((packet) => [packet, (packet + 1) * MS]),
    );
  });

  test('counts the wait in the queue towards the delay', () => {
    const model = modelOf({ rate: { rate: '12mbit' }, delay: { mean: '10ms' } });
    const times = replay(model, stream(3, 0, 1500)).map(({ atNs }) => atNs / MS);
    assert.deepEqual(times, [11, 12, 13]);
  });

  test('keeps the order, whatever the jitter', () => {
    const model = modelOf({
      rate: { rate: '100mbit' },
      delay: { mean: '10ms', jitter: '10ms', distribution: 'normal' },
    });
    const packets = replay(model, stream(10_000, 200_000)).map(({ packet }) => packet);
    assert.deepEqual(
      packets,
      packets.toSorted((a, b) => a - b),
    );
  });

  test('starts anew behind an empty queue', () => {
    const model = modelOf({ rate: { rate: '12mbit' } });
    const times = replay(model, stream(3, 5 * MS, 1500)).map(({ atNs }) => atNs / MS);
    assert.deepEqual(times, [1, 6, 11]);
  });

  test('counts a duplicate, too', () => {
    const model = modelOf({ rate: { rate: '12mbit' }, duplicate: { probability: '100%' } });
    const times = replay(model, stream(2, 0, 1500)).map(({ atNs }) => atNs / MS);
    assert.deepEqual(times, [1, 2, 3, 4]);
  });
});

describe('slots', () => {
  test('let packets go in bursts', () => {
    const model = modelOf({ slot: { minDelay: '10ms', maxDelay: '10ms', maxPackets: 3 } });
    const times = replay(model, stream(9, MS)).map(({ atNs }) => atNs / MS);
    // 0 finds the slot open at 0; from 1 on each is due after it, so the next one opens in 10 ms.
    assert.deepEqual(times, [0, 11, 11, 11, 21, 21, 21, 31, 31]);
  });
});

describe('the delay of packets', () => {
  for (const distribution of ['uniform', 'normal', 'pareto', 'paretonormal'] as const) {
    test(`is distributed as a second model's is: ${distribution}`, () => {
      const wanted: Wanted = { delay: { mean: '100ms', jitter: '10ms', distribution } };
      const delays = [3n, 4n].map((seed) => {
        const model = new DirectionModel(exactDirection(wanted), seed, 0);
        return replay(model, stream(50_000, MS / 10)).map(
          ({ atNs, packet }) => atNs - (packet * MS) / 10,
        );
      });
      const [one = [], other = []] = delays;
      assert.ok(areOfOneDistribution(one, other));
      assert.ok(Math.abs(mean(one) - 100 * MS) < MS / 2);
    });
  }

  test('is exact to the nanosecond after 100 days', () => {
    const model = modelOf({ delay: { mean: '1ms' } });
    const now = 100 * 86_400e9;
    assert.equal(model.enqueue(now, 100).packet.dueNs - now, MS);
  });
});
