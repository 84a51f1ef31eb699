import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { meddledAt } from '../meddled.test-support.ts';
import { makeTbfWire, until } from '../wire.test-support.ts';

const rate = { rate: { rate: '10mbit' } };
const killed = new Error('killed');

/** More than the kernel is sent at once. */
const LARGE = [
  'qdisc add dev v0 root handle 1: htb default 1',
  ...Array.from({ length: 150 }, (_, index) => {
    const id = (index + 1).toString(16);
    return `class add dev v0 parent 1: classid 1:${id} htb rate 1mbit quantum 1500`;
  }),
  'filter add dev v0 parent 1: prio 9 protocol ip handle 5: u32 divisor 256',
  ...Array.from(
    { length: 100 },
    (_, index) =>
      `filter add dev v0 parent 1: prio 9 protocol ip u32 ht 5:${index.toString(16)}: match ip src 10.0.0.${index}/32 flowid 1:${(index + 1).toString(16)}`,
  ),
  'filter add dev v0 parent 1: prio 9 protocol ip u32 match u32 0 0 hashkey mask 0xff at 12 link 5:',
];

describe('an original', () => {
  for (const [name, count] of [
    ['a few of its qdiscs and classes', 40],
    ['all classes and the tables that do not stay', 158],
    ['some filters', 230],
  ] as const) {
    test(`of which ${name} are back when netweir is killed comes back whole`, (t) => {
      const wire = makeTbfWire(t, `k${count}`);
      const { impairer, at, tc, run } = wire;
      tc(...LARGE);
      const shown = (): string[] =>
        ['qdisc show dev v0', 'class show dev v0', 'filter show dev v0 parent 1:']
          .flatMap((show) => run('tc', '-d', ...show.split(' ')).split('\n'))
          .toSorted();
      const before = shown();
      impairer.apply(at, rate, undefined);
      const dying = meddledAt(1, wire, (requests) => {
        at.netlink.batch(requests.slice(0, count));
        throw killed;
      });
      assert.throws(() => impairer.clear(dying));
      assert.notDeepEqual(shown(), before);
      assert.equal(impairer.restore(() => at).restored.length, 1);
      assert.deepEqual(shown(), before);
      assert.deepEqual(impairer.entries(), []);
    });
  }

  test('whose actions have indices that others took meanwhile gets other ones', async (t) => {
    const { impairer, at, tc, run } = makeTbfWire(t, 'x');
    const mirror = 'u32 match u32 0 0 action mirred egress mirror dev';
    tc(
      'qdisc add dev v0 root handle 1: htb default 1',
      `filter add dev v0 parent 1: prio 9 protocol ip ${mirror} lo index 1`,
    );
    impairer.apply(at, rate, undefined);
    // The kernel frees the action some time after its filter.
    await until(() => run('tc', 'actions', 'list', 'action', 'mirred').trim() === '');
    tc('qdisc add dev lo clsact', `filter add dev lo egress protocol ip ${mirror} v0 index 1`);
    // The kernel says so of every action that somebody has had listed.
    const others = (): string =>
      run('tc', 'filter', 'show', 'dev', 'lo', 'egress').replace('\tused_hw_stats disabled\n', '');
    const before = others();
    impairer.clear(at);
    await until(() => others() === before);
    assert.match(
      run('tc', 'filter', 'show', 'dev', 'v0', 'parent', '1:'),
      /Mirror to device lo\) .*\s+index 2 ref 1 bind 1/,
    );
  });

  test('whose actions somebody made by themselves uses those again', async (t) => {
    const { impairer, at, tc, run, shown } = makeTbfWire(t, 'y');
    tc(
      'actions add action mirred egress mirror dev lo index 7',
      'qdisc add dev v0 root handle 1: htb default 1',
      'filter add dev v0 parent 1: prio 9 protocol ip u32 match u32 0 0 action mirred index 7',
    );
    const before = shown();
    impairer.apply(at, rate, undefined);
    impairer.clear(at);
    await until(() => shown() === before);
    assert.match(run('tc', 'actions', 'list', 'action', 'mirred'), /index 7 ref 2 bind 1/);
  });
});
