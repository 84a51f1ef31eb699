import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Slot } from '../journal/entry.ts';
import { planSlots, type Slotted } from './slots.ts';

const rule = (key: string, isUntouched = false): Slotted => ({ key, isUntouched });

function placed(rules: readonly Slotted[], slots: readonly Slot[]): (Slotted & Slot)[] {
  return rules.map((one, index) => ({ ...one, ...(slots[index] ?? { minor: 0, prio: 0 }) }));
}

const lists = fc.uniqueArray(
  fc.record({ key: fc.integer({ min: 0, max: 30 }).map(String), isUntouched: fc.boolean() }),
  { selector: ({ key }) => key, maxLength: 25 },
);

describe('planSlots', () => {
  test('a rule at the end, at the start and in the middle moves no other', () => {
    const rules = ['a', 'b', 'c'].map((key) => rule(key));
    const slots = planSlots(rules, []);
    const before = placed(rules, slots);
    for (const at of [0, 1, 2, 3]) {
      const more = rules.toSpliced(at, 0, rule('new'));
      const after = planSlots(more, before);
      assert.deepEqual(after.toSpliced(at, 1), slots);
    }
  });

  test('of rules in another order as few as possible get another priority, and all keep their classes', () => {
    const rules = ['a', 'b', 'c', 'd'].map((key) => rule(key));
    const slots = planSlots(rules, []);
    const before = placed(rules, slots);
    const other = ['b', 'c', 'd', 'a'].map((key) => rule(key));
    const after = placed(other, planSlots(other, before));
    assert.deepEqual(after.slice(0, 3), before.slice(1));
    assert.equal(after[3]?.minor, before[0]?.minor);
  });

  test('a rule that passes its packets untouched has no class, and another place when that changes', () => {
    const slots = planSlots([rule('a')], []);
    const [before] = placed([rule('a')], slots);
    assert.ok(before);
    const [after] = planSlots([rule('a', true)], [before]);
    assert.equal(after?.minor, 0);
    assert.notEqual(after?.prio, before.prio);
  });

  test('whatever lists follow one another, priorities ascend and nothing is used twice', () => {
    fc.assert(
      fc.property(fc.array(lists, { maxLength: 12 }), (sequence) => {
        let before: (Slotted & Slot)[] = [];
        for (const rules of sequence) {
          const slots = planSlots(rules, before);
          const prios = slots.map(({ prio }) => prio);
          assert.deepEqual(
            prios,
            [...new Set(prios)].toSorted((a, b) => a - b),
          );
          assert.ok(prios.every((prio) => prio >= 1 && prio <= 0xfffe));
          const minors = slots.map(({ minor }) => minor).filter((minor) => minor > 0);
          assert.equal(new Set(minors).size, minors.length);
          const after = placed(rules, slots);
          for (const one of after) {
            const old = before.find(({ key }) => key === one.key);
            const isKept = old?.isUntouched === one.isUntouched;
            if (isKept) assert.equal(one.minor, old?.minor);
            else assert.ok(one.minor === 0 || before.every(({ minor }) => minor !== one.minor));
            if (isKept && old?.prio === one.prio) continue;
            assert.ok(before.every(({ prio }) => prio !== one.prio));
          }
          before = after;
        }
      }),
    );
  });

  test('where no room is left between two rules, their neighbours make some', () => {
    let rules = [rule('first'), rule('last')];
    let before = placed(rules, planSlots(rules, []));
    let moved = 0;
    for (let index = 0; index < 200; index++) {
      rules = rules.toSpliced(1, 0, rule(`new ${index}`));
      const after = placed(rules, planSlots(rules, before));
      moved += before.filter((one) => !after.some(({ prio }) => prio === one.prio)).length;
      before = after;
    }
    assert.ok(moved > 0 && moved < 20 * 200, `${moved} moves`);
  });
});
