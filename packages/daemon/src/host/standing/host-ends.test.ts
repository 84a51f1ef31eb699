import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Container, NetweirError } from '@netweir/api';
import type { DiscoveredInterface } from '@netweir/discovery';
import { container } from '../../container.test-support.ts';
import {
  delay,
  eth0,
  interfaceOf,
  SLOW,
  type Stage,
  spaceOf,
  stage,
} from './standing.test-support.ts';

describe("what a person set at the host's end of a container's veth pair", () => {
  interface Pair {
    readonly inside: ReturnType<typeof spaceOf>;
    readonly host: ReturnType<typeof spaceOf>;
    readonly veth: DiscoveredInterface;
  }

  /** A container, and the host with an interface that is its peer as soon as they are connected. */
  function pairOf(more: Partial<Container>, ifindex: number): Pair {
    const host = spaceOf([], ['lo'], 'host');
    const veth = interfaceOf(ifindex, `veth${ifindex}`);
    host.interfaces.set(ifindex, veth);
    return { inside: spaceOf([container(more)]), host, veth };
  }

  function connect({ peers }: Stage, { inside, host, veth }: Pair): void {
    peers.set(veth, [inside, eth0(inside)]);
    peers.set(eth0(inside), [host, veth]);
  }

  function connected(self: Stage, more: Partial<Container>, ifindex: number): Pair {
    const pair = pairOf(more, ifindex);
    connect(self, pair);
    return pair;
  }

  const start = ({ standing }: Stage, { inside }: Pair): void =>
    standing.react({ type: 'space', space: inside });

  test('comes back on the new pair when the container starts anew, once', () => {
    const self = stage([SLOW]);
    const before = connected(self, { id: 'a' }, 7);
    start(self, before);
    self.standing.setByPerson(before.host, before.veth, delay('9ms'), undefined);
    start(self, before);
    self.standing.react({ type: 'space', space: before.host });
    assert.deepEqual(self.done(), ['apply docker:web/eth0 1ms']);
    self.standing.leave(before.inside);
    const after = connected(self, { id: 'b' }, 9);
    start(self, after);
    start(self, after);
    assert.deepEqual(self.done(), ['apply docker:web/eth0 1ms', 'apply host/veth9 9ms']);
    assert.equal(self.standing.ruleOf(after.host, 9), null);
  });

  test('comes back when the peer is known at last, and on no other container', () => {
    const self = stage();
    const before = connected(self, {}, 7);
    self.standing.setByPerson(before.host, before.veth, delay('9ms'), undefined);
    start(self, connected(self, { name: 'db' }, 8));
    const after = pairOf({}, 9);
    start(self, after);
    assert.deepEqual(self.done(), []);
    connect(self, after);
    const { inside } = after;
    self.standing.react({ type: 'interface', space: inside, interface: eth0(inside) });
    assert.deepEqual(self.done(), ['apply host/veth9 9ms']);
  });

  test('comes back with the rest of its lease, and not after that', (t) => {
    const self = stage();
    t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
    const first = connected(self, {}, 7);
    self.standing.setByPerson(first.host, first.veth, delay('9ms'), new Date(1_060_000));
    t.mock.timers.setTime(1_059_000);
    start(self, connected(self, {}, 8));
    assert.deepEqual(self.done(), ['apply host/veth8 9ms with a lease']);
    t.mock.timers.setTime(1_060_000);
    start(self, connected(self, {}, 9));
    assert.deepEqual(self.done(), []);
  });

  for (const [what, end] of [
    ['cleared there', ({ standing }, { host, veth }) => standing.clearedByPerson(host, veth)],
    ['ended by its lease', ({ standing }, { host, veth }) => standing.leaseEnded(host, veth)],
    ['restored', ({ standing }) => standing.restoredByPerson()],
  ] satisfies [string, (self: Stage, pair: Pair) => void][]) {
    test(`is forgotten when it is ${what}`, () => {
      const self = stage();
      const before = connected(self, {}, 7);
      self.standing.setByPerson(before.host, before.veth, delay('9ms'), undefined);
      end(self, before);
      start(self, before);
      start(self, connected(self, {}, 8));
      assert.deepEqual(self.done(), []);
    });
  }

  test('stays when only what is set inside is cleared', () => {
    const self = stage();
    const before = connected(self, {}, 7);
    self.standing.setByPerson(before.host, before.veth, delay('9ms'), undefined);
    self.standing.setByPerson(before.inside, eth0(before.inside), delay('8ms'), undefined);
    self.standing.clearedByPerson(before.inside, eth0(before.inside));
    start(self, connected(self, {}, 8));
    assert.deepEqual(self.done(), ['apply host/veth8 9ms']);
  });

  test('and that cannot be put on is told of the container, once', () => {
    const self = stage();
    const before = connected(self, {}, 7);
    self.standing.setByPerson(before.host, before.veth, delay('9ms'), undefined);
    const after = connected(self, {}, 8);
    self.fail = new NetweirError('kernel-lacks-netem', 'no sch_netem');
    start(self, after);
    start(self, after);
    assert.equal(self.done().length, 1);
    assert.deepEqual(self.problems, [
      'what was set before the container started anew is not in force on host/veth8: no sch_netem',
    ]);
    assert.deepEqual(self.standing.problemsOf(after.inside), self.problems);
    self.standing.setByPerson(after.host, after.veth, delay('9ms'), undefined);
    assert.deepEqual(self.standing.problemsOf(after.inside), []);
  });
});
