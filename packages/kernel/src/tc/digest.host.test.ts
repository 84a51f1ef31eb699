import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { digestClasses, digestQdiscs, listQdiscs } from './digest.ts';
import { dumpQdiscs, rootQdisc } from './qdisc.ts';
import { handle } from './tcmsg.ts';
import { makeWire, type Wire } from './witness.test-support.ts';

/** An htb 4e57: with two classes; in the first one a tbf 4e58:, in the second one a pfifo 4e59:. */
function makeTree({ space }: Wire): void {
  for (const command of [
    'qdisc add dev v1 root handle 9: htb default 1',
    'qdisc add dev v0 root handle 4e57: htb default 1',
    'class add dev v0 parent 4e57: classid 4e57:1 htb rate 1mbit',
    'class add dev v0 parent 4e57: classid 4e57:2 htb rate 1mbit',
    'qdisc add dev v0 parent 4e57:1 handle 4e58: tbf rate 1mbit burst 10kb latency 50ms',
    'qdisc add dev v0 parent 4e57:2 handle 4e59: pfifo limit 7',
  ]) {
    space.run('tc', ...command.split(' '));
  }
}

describe('a look at the qdiscs of an interface', () => {
  test('has them as a dump has them, with their digest', (t) => {
    const wire = makeWire(t, 'look');
    makeTree(wire);
    const { socket } = wire.space;
    const { ifindex } = wire.root;
    const { qdiscs, ...digest } = listQdiscs(socket, ifindex);
    assert.deepEqual(qdiscs, socket.dump(dumpQdiscs(ifindex)));
    assert.deepEqual(digest, digestQdiscs(socket, ifindex));
    assert.deepEqual(digest.root, { kind: 'htb', handle: handle(0x4e57) });
    assert.deepEqual(digest.classful, [handle(0x4e57)]);
    assert.deepEqual(
      rootQdisc(socket, ifindex),
      qdiscs.find((qdisc) => qdisc.handle === handle(0x4e57)),
    );
  });

  test('sees what somebody changes, and sees the same once it is as before', (t) => {
    const wire = makeWire(t, 'changes');
    makeTree(wire);
    const { socket, run } = wire.space;
    const { ifindex } = wire.root;
    const now = (): string => {
      const { text, classful } = listQdiscs(socket, ifindex);
      assert.equal(digestQdiscs(socket, ifindex).text, text);
      return `${text} ${digestClasses(socket, ifindex, classful)}`;
    };
    const before = now();
    const [leaf, inClass] = ['qdisc change dev v0 parent 4e57:1 tbf', 'dev v0 classid 4e57:2 htb'];
    for (const [there, back] of [
      [`${leaf} rate 2mbit burst 10kb latency 50ms`, `${leaf} rate 1mbit burst 10kb latency 50ms`],
      [`class change ${inClass} rate 2mbit`, `class change ${inClass} rate 1mbit`],
      [
        'qdisc change dev v0 parent 4e57:2 pfifo limit 8',
        'qdisc change dev v0 parent 4e57:2 pfifo limit 7',
      ],
      ['qdisc add dev v0 parent 4e58:1 handle 5: pfifo limit 8', 'qdisc del dev v0 parent 4e58:1'],
    ] as const) {
      run('tc', ...there.split(' '));
      assert.notEqual(now(), before, there);
      run('tc', ...back.split(' '));
      assert.equal(now(), before, back);
    }
  });

  test('sees nothing of other interfaces, and no root where there is none', (t) => {
    const wire = makeWire(t, 'others');
    makeTree(wire);
    const { socket, run } = wire.space;
    const { ifindex } = wire.root;
    const before = listQdiscs(socket, ifindex).text;
    run('tc', ...'qdisc del dev v1 root'.split(' '));
    assert.equal(listQdiscs(socket, ifindex).text, before);
    assert.equal(listQdiscs(socket, 99).root, undefined);
    assert.equal(rootQdisc(socket, 99), undefined);
  });
});
