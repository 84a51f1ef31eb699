import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { makeTbfWire } from '../wire.test-support.ts';

describe('classes as scripts make them', () => {
  for (const count of [3, 9, 40, 200]) {
    test(`are listed in the same order again: ${count}`, (t) => {
      const { impairer, at, tc, shown } = makeTbfWire(t, `o${count}`);
      const ids = Array.from({ length: count }, (_, index) => (index + 2).toString(16));
      tc(
        'qdisc add dev v0 root handle 1: htb default 2',
        'class add dev v0 parent 1: classid 1:1 htb rate 100mbit quantum 1500',
        ...ids.map(
          (id) => `class add dev v0 parent 1:1 classid 1:${id} htb rate 1mbit quantum 1500`,
        ),
        ...ids.map((id) => `qdisc add dev v0 parent 1:${id} handle ${id}: pfifo limit 9`),
      );
      const before = shown();
      impairer.apply(at, { rate: { rate: '10mbit' } }, undefined);
      impairer.clear(at);
      assert.equal(shown(), before);
    });
  }
});
