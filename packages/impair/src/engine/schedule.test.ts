import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Schedule, type Scheduled } from './schedule.ts';

const timeNs = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constant(Infinity));
const changes = fc.array(fc.tuple(fc.nat({ max: 11 }), timeNs), { maxLength: 200 });

function make(count: number): Scheduled[] {
  return Array.from({ length: count }, () => ({ wakeNs: Infinity, place: -1 }));
}

describe('a schedule', () => {
  test('has the earliest of all times first, whichever are set, moved and taken away', () => {
    fc.assert(
      fc.property(changes, (changes) => {
        const schedule = new Schedule();
        const all = make(12);
        for (const [which, wakeNs] of changes) {
          schedule.set(all[which] as Scheduled, wakeNs);
          const earliestNs = Math.min(...all.map((one) => one.wakeNs));
          assert.equal(schedule.wakeNs, earliestNs);
          assert.equal(schedule.first?.wakeNs ?? Infinity, earliestNs);
        }
      }),
    );
  });

  test('has nobody twice, and nobody who never is to wake', () => {
    fc.assert(
      fc.property(changes, (changes) => {
        const schedule = new Schedule();
        const all = make(12);
        for (const [which, wakeNs] of changes) schedule.set(all[which] as Scheduled, wakeNs);
        const waiting = all.filter(({ wakeNs }) => wakeNs < Infinity);
        const left: Scheduled[] = [];
        for (let next = schedule.first; next; next = schedule.first) {
          left.push(next);
          schedule.set(next, Infinity);
        }
        assert.deepEqual(new Set(left), new Set(waiting));
        assert.equal(left.length, waiting.length);
      }),
    );
  });
});
