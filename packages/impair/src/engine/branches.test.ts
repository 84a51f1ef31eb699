import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Direction, exactDirection, type TrafficMatch } from '@netweir/api';
import { frameOfPacket } from '../traffic/packet.test-support.ts';
import { termsOf } from '../traffic/term.ts';
import type { Branch } from './branch.ts';
import { Branches } from './branches.ts';
import { NOTHING } from './direction.ts';
import { HELD, LOST } from './fate.ts';
import { laneChange } from './lane-change.ts';
import { readCounters, sharedCounters } from './lane-counters.ts';
import type { LaneWanted } from './lane-wanted.ts';

const SEED = 57n;
const MS = 1e6;

type Rule = readonly [last: number, direction: Direction | null];

/** Rules for what is sent to 10.0.0.x, known by the x, and what happens to the rest. */
function wantedOf(base: Direction | null, ...rules: readonly Rule[]): LaneWanted {
  return {
    base: base && exactDirection(base),
    rules: rules.map(([last, direction]) => {
      const match: TrafficMatch = { remote: [`10.0.0.${last}`] };
      const terms = termsOf(match, new Map(), 'egress');
      return { key: `${last}`, terms, direction: direction && exactDirection(direction) };
    }),
  };
}

class Sample {
  counters;
  readonly branches: Branches;
  #wanted: LaneWanted;

  constructor(wanted: LaneWanted) {
    this.#wanted = wanted;
    this.counters = sharedCounters(wanted.rules.length);
    this.branches = new Branches(laneChange(wanted, undefined), SEED, 0, this.counters);
  }

  configure(wanted: LaneWanted, nowNs: number): void {
    this.counters = sharedCounters(wanted.rules.length);
    const change = laneChange(wanted, this.#wanted);
    this.branches.configure(change, SEED + 1n, nowNs, this.counters);
    this.#wanted = wanted;
  }

  to(last: number): Branch {
    const frame = frameOfPacket({
      ...{ family: 4, vlanTags: 0, source: [10, 0, 0, 200], destination: [10, 0, 0, last] },
      ...{ tos: 0, protocol: 17, ports: [1, 2], fragment: 'none', options: 0, extensions: [] },
    });
    return this.branches.of(frame, 0, frame.length);
  }

  /** Sends a packet, known by `handle`; whether it is not lost. */
  send(last: number, nowNs: number, handle: number): boolean {
    const branch = this.to(last);
    const { packet } = branch.model.enqueue(nowNs, 100);
    if (packet.outcome === HELD) branch.model.hold(packet, handle);
    this.branches.settle(branch);
    return packet.outcome !== LOST;
  }

  /** What waits, in the order in which it leaves. */
  rest(): number[] {
    const handles: number[] = [];
    for (let { first } = this.branches; first; { first } = this.branches) {
      const handle = first.model.dequeue(first.wakeNs);
      if (handle !== NOTHING) handles.push(handle);
      this.branches.settle(first);
    }
    return handles;
  }

  published(): ReturnType<typeof readCounters> {
    this.branches.publish();
    return readCounters(this.counters);
  }
}

const delayed = (ms: number): Direction => ({ delay: { mean: `${ms}ms` } });
const lossy: Direction = { loss: { model: 'random', probability: '50%' } };

/** Which of so many packets in a row are not lost. */
function survivors(sample: Sample, last: number, from: number, to: number): number[] {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index);
  return numbers.filter((number) => sample.send(last, number, number));
}

describe('the branches of a lane', () => {
  test('have for each frame that of the first rule that takes it, else that of the rest', () => {
    const sample = new Sample(wantedOf(delayed(1), [1, delayed(2)], [2, null], [1, delayed(3)]));
    const [one, two, three] = [sample.to(1), sample.to(2), sample.to(3)];
    assert.deepEqual([one.index, two.index, three.index], [1, 2, 0]);
    assert.deepEqual([one.isUntouched, two.isUntouched, three.isUntouched], [false, true, false]);
  });

  test('let packets go in the order of their times, whosever they are', () => {
    const rules = Array.from({ length: 200 }, (_, index): Rule => [index, delayed(300 - index)]);
    const sample = new Sample(wantedOf(delayed(50), ...rules));
    for (let last = 0; last < 256; last++) sample.send(last, last, last);
    assert.equal(sample.branches.wakeNs, 50 * MS + 200);
    const rest = Array.from({ length: 56 }, (_, index) => 200 + index);
    const ruled = Array.from({ length: 200 }, (_, index) => 199 - index);
    assert.deepEqual(sample.rest(), [...rest, ...ruled]);
    assert.equal(sample.branches.wakeNs, Infinity);
  });

  test('go on where they were when others come, change and go, or they change places', () => {
    const others = wantedOf(null, [9, delayed(9)], [1, lossy]);
    const undisturbed = new Sample(others);
    const sample = new Sample(others);
    const changes = [
      wantedOf(null, [1, lossy], [9, delayed(8)]),
      wantedOf(delayed(1), [3, lossy], [1, lossy], [4, null]),
      wantedOf(lossy, [1, lossy]),
    ];
    const found = survivors(sample, 1, 0, 100);
    changes.forEach((change, index) => {
      sample.configure(change, 0);
      found.push(...survivors(sample, 1, 100 * (index + 1), 100 * (index + 2)));
    });
    assert.deepEqual(found, survivors(undisturbed, 1, 0, 400));
  });

  test('keep what waits: with other settings, with none, and of rules that are gone', () => {
    const sample = new Sample(wantedOf(delayed(3), [1, delayed(10)], [2, delayed(20)]));
    for (const last of [1, 2, 3]) sample.send(last, 0, last);
    sample.configure(wantedOf(null, [1, delayed(1)]), 0);
    assert.equal(sample.branches.wakeNs, 3 * MS);
    sample.send(1, 15 * MS, 4);
    assert.deepEqual(sample.rest(), [3, 1, 4, 2]);
  });

  test('do not give what waits for one rule to another with its match', () => {
    const twice = wantedOf(null, [1, delayed(10)], [1, delayed(20)]);
    const sample = new Sample(twice);
    sample.send(1, 0, 1);
    sample.configure(twice, 0);
    sample.send(1, 1, 2);
    assert.deepEqual(
      sample.published().rules.map((rule) => rule.queuedPackets),
      [2, 0],
    );
    assert.deepEqual(sample.rest(), [1, 2]);
  });

  test('count for themselves, in the order of their rules', () => {
    const all: Direction = { loss: { model: 'random', probability: '100%' } };
    const sample = new Sample(wantedOf(all, [1, delayed(10)], [2, all]));
    const figures = (): number[][] => {
      const { base, rules } = sample.published();
      return [base, ...rules].map((one) => [one.droppedPackets, one.queuedPackets]);
    };
    for (const last of [1, 1, 2, 3, 4, 5]) sample.send(last, 0, last);
    assert.deepEqual(figures(), [
      [3, 0],
      [0, 2],
      [1, 0],
    ]);
    sample.configure(wantedOf(all, [2, all], [7, all], [1, delayed(10)]), 0);
    assert.deepEqual(figures(), [
      [3, 0],
      [1, 0],
      [0, 0],
      [0, 2],
    ]);
    sample.configure(wantedOf(all), 0);
    assert.deepEqual(figures(), [[3, 0]]);
  });

  test('begin anew with the same settings where there are no rules, as a netem does', () => {
    const seeded = wantedOf({ ...lossy, seed: '3' });
    const sample = new Sample(seeded);
    const first = survivors(sample, 1, 0, 100);
    sample.configure(seeded, 0);
    assert.deepEqual(survivors(sample, 1, 0, 100), first);
  });

  test('draw numbers of their own', () => {
    const sample = new Sample(wantedOf(lossy, [1, lossy], [2, lossy]));
    const [one, two, rest] = [1, 2, 3].map((last) => survivors(sample, last, 0, 100).join());
    assert.equal(new Set([one, two, rest]).size, 3);
  });
});
