import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { isNetweirError, type TrafficRule } from '@netweir/api';
import { Impairer, type Wanted } from '../impairer.ts';
import { Journal } from '../journal/journal.ts';
import { FAR, makeWire, realAbilities, type Wire } from '../wire.test-support.ts';

const { classifier } = realAbilities();
const skip = classifier ? false : 'this kernel cannot tell packets apart';
const limit = (rate: string) => ({ rate: { rate } });
const rule = (index: number, rate = '10mbit'): TrafficRule => ({
  match: { remote: [`10.9.${index}.0/24`] },
  egress: limit(rate),
});
const BASE = limit('50mbit');
const RULES = Array.from({ length: 20 }, (_, index) => rule(index));

/** A wire with a tree of rules, each of whose leaves is a tbf; the first one's is 4e59: in class 4e57:2. */
class Tree {
  readonly wire: Wire;
  readonly #impairer: Impairer;

  constructor(t: TestContext, name: string) {
    this.wire = makeWire(t, name);
    this.#impairer = new Impairer({
      journal: new Journal(this.wire.stateDirectory),
      abilities: () => ({ ...realAbilities(), netem: false, netemSeed: false }),
      owner: 'command',
      onEngineFailure: (error) => assert.fail(error),
    });
    this.apply(RULES);
  }

  get changed(): string | null {
    return this.#impairer.changedElsewhere(this.wire.at);
  }

  /** The rate that each rule is reported to have. */
  get rates(): (string | undefined)[] {
    return this.#impairer.report(this.wire.at).rules.map(({ egress }) => egress?.rate?.rate);
  }

  apply(rules: readonly TrafficRule[], choices: Pick<Wanted, 'replace'> = {}): void {
    const wanted = { egress: BASE, rules, engine: 'kernel', ...choices } as const;
    const report = this.#impairer.apply(this.wire.at, wanted, undefined);
    assert.deepEqual(
      report.rules.map(({ egress }) => egress?.rate?.rate),
      rules.map(({ egress }) => egress?.rate?.rate),
    );
  }
}

/** What somebody else does, in the words of tc. */
const MEDDLING: Record<string, readonly string[]> = {
  'the value of one leaf': [
    'qdisc change dev v0 parent 4e57:2 handle 4e59: tbf rate 5mbit burst 10kb latency 50ms',
  ],
  'one leaf for another one of the same kind and handle': [
    'qdisc del dev v0 parent 4e57:2',
    'qdisc add dev v0 parent 4e57:2 handle 4e59: tbf rate 6mbit burst 10kb latency 50ms',
  ],
  'one leaf for another kind with the same handle': [
    'qdisc del dev v0 parent 4e57:2',
    'qdisc add dev v0 parent 4e57:2 handle 4e59: pfifo limit 7',
  ],
  'what is below a leaf': ['qdisc add dev v0 parent 4e59:1 handle 77: pfifo limit 9'],
  'one class': ['class change dev v0 parent 4e57: classid 4e57:2 htb rate 1mbit ceil 1mbit'],
  'a filter more': [
    'filter add dev v0 parent 4e57: prio 9 protocol all u32 match u32 0 0 classid 4e57:3',
  ],
  'a filter less': ['filter del dev v0 parent 4e57: prio 64'],
  'where a filter leads': [
    'filter del dev v0 parent 4e57: prio 64',
    'filter add dev v0 parent 4e57: prio 64 protocol all u32 match u32 0 0 classid 4e57:3',
  ],
};

describe('what somebody else changes in a tree of rules', { skip }, () => {
  test('is nothing, whatever netweir changes and whatever is sent', (t) => {
    const tree = new Tree(t, 'treesame');
    const more = RULES.toSpliced(7, 0, rule(100, '7mbit'));
    for (const rules of [more, more.with(3, rule(3, '9mbit')), RULES.slice(2), RULES]) {
      tree.apply(rules);
      tree.wire.run('ping', '-c', '1', '-W', '1', FAR.ipv4);
      assert.equal(tree.changed, null);
    }
  });

  for (const [index, [what, commands]] of Object.entries(MEDDLING).entries()) {
    test(`is seen between two changes of netweir, which the second does not overwrite: ${what}`, (t) => {
      const tree = new Tree(t, `tree${index}`);
      tree.apply(RULES.slice(0, -1));
      tree.wire.tc(...commands);
      const shown = tree.wire.shown();
      assert.match(tree.changed ?? '', /somebody else has changed/u);
      assert.throws(
        () => tree.apply(RULES),
        (error) => isNetweirError(error) && error.code === 'changed-elsewhere',
      );
      assert.equal(tree.wire.shown(), shown);
    });
  }

  test('is shown with the value that it has now, and again with the former one', (t) => {
    const tree = new Tree(t, 'treeshow');
    assert.equal(tree.rates[0], '10mbit');
    const change = (rate: string): void =>
      tree.wire.tc(
        `qdisc change dev v0 parent 4e57:2 handle 4e59: tbf rate ${rate} burst 10kb latency 50ms`,
      );
    for (const rate of ['5mbit', '6mbit', '5mbit', '10mbit']) {
      change(rate);
      assert.deepEqual(tree.rates, [rate, ...RULES.slice(1).map(() => '10mbit')]);
    }
  });

  test('is seen below a leaf, too, where netweir has gone on', (t) => {
    const tree = new Tree(t, 'treebelow');
    tree.wire.tc(
      'qdisc add dev v0 parent 4e59:1 handle 77: htb default 1',
      'class add dev v0 parent 77: classid 77:1 htb rate 1mbit',
    );
    tree.apply(RULES.slice(0, -1), { replace: true });
    assert.equal(tree.changed, null);
    tree.wire.tc('class change dev v0 parent 77: classid 77:1 htb rate 2mbit');
    assert.match(tree.changed ?? '', /has changed the classes/u);
  });
});
