import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Direction } from '@netweir/api';
import { createNamed, deleteNamed, getLink } from '@netweir/kernel';
import { makeAnother, makeEngineWire } from './engine-wire.test-support.ts';
import { refusingAt } from './meddled.test-support.ts';
import { pingReplies, pingSummary } from './ping.test-support.ts';
import type { Reachable } from './reachable.ts';
import { realAbilities, refusalOf, until } from './wire.test-support.ts';

/** linux/rtnetlink.h */
const RTM_NEWTFILTER = 44;

const delay: Direction = { delay: { mean: '20ms' } };
const longer: Direction = { delay: { mean: '30ms' } };
const rate: Direction = { rate: { rate: '10mbit' } };

/** tc commands of a user's; what they leave must be there again, and at work meanwhile. */
const originals: Record<string, string[]> = {
  nothing: [],
  'a clsact': ['qdisc add dev v0 clsact'],
  'a clsact with filters': [
    'qdisc add dev v0 clsact',
    'filter add dev v0 egress protocol ip prio 1 u32 match ip dst 10.57.0.9/32 action mirred egress redirect dev lo',
    'filter add dev v0 ingress protocol ip prio 7 u32 match ip src 10.57.0.9/32 flowid 1:1',
  ],
  'an htb': [
    'qdisc add dev v0 root handle 1: htb default 20 r2q 10',
    'class add dev v0 parent 1: classid 1:20 htb rate 30mbit quantum 6000',
  ],
  'a pfifo': ['qdisc add dev v0 root handle 7: pfifo limit 77'],
};

describe('clearing what the userspace engine does', () => {
  for (const [index, [name, commands]] of Object.entries(originals).entries()) {
    test(`leaves ${name} byte for byte as it was`, (t) => {
      const wire = makeEngineWire(t, `h${index}`);
      const { impairer, at, tc, state, impair } = wire;
      if (commands.length > 0) tc(...commands);
      const before = state();
      impair({ egress: delay, ingress: delay });
      assert.notEqual(state(), before);
      impair({ ingress: longer });
      impair({ egress: longer });
      assert.ok(pingReplies(wire, '-c', '1').every(({ rttMs }) => rttMs >= 30));
      const report = impairer.clear(at);
      assert.deepEqual([report.egress, report.ingress], [null, null]);
      assert.equal(state(), before);
      assert.deepEqual(impairer.entries(), []);
    });
  }

  test("leaves a user's filter at work, during and after", (t) => {
    const wire = makeEngineWire(t, 'u');
    const { at, impairer, impair, tc, run, runFar } = wire;
    run('ip', 'neigh', 'add', '10.57.0.9', 'lladdr', '02:57:00:00:00:02', 'dev', 'v0');
    runFar('ip', 'addr', 'add', '10.57.0.9/24', 'dev', 'v1');
    tc(...(originals['a clsact with filters'] ?? []));
    const reaches = (address: string): boolean =>
      run('sh', '-c', `ping -n -c 1 -W 1 ${address} || test $? = 1`).includes('1 received');
    impair({ egress: delay, ingress: delay });
    assert.deepEqual([reaches('10.57.0.2'), reaches('10.57.0.9')], [true, false]);
    impairer.clear(at);
    assert.deepEqual([reaches('10.57.0.2'), reaches('10.57.0.9')], [true, false]);
    tc('filter del dev v0 egress prio 1');
    assert.ok(reaches('10.57.0.9'), 'it was the filter that held it back');
  });

  test("sends through a user's root qdisc, whose rate stays in force", (t) => {
    const wire = makeEngineWire(t, 't');
    wire.tc('qdisc add dev v0 root handle 8: tbf rate 1mbit burst 2k limit 100k');
    wire.impair({ egress: delay });
    const replies = pingReplies(wire, '-c', '20', '-l', '20', '-s', '1400');
    // 20 frames of 1442 bytes take 230 ms at 1 Mbit/s, of which the burst lets one go at once.
    assert.ok((replies.at(-1)?.rttMs ?? 0) > 200, `${replies.at(-1)?.rttMs} ms`);
    assert.equal(wire.shownOptions().handle, '8:');
  });

  test('does not stumble over a clsact that somebody removed', (t) => {
    const { impairer, at, impair, run, shown } = makeEngineWire(t, 'x');
    const before = shown();
    impair({ egress: delay, ingress: delay });
    run('tc', 'qdisc', 'del', 'dev', 'v0', 'clsact');
    assert.equal(impairer.report(at).egress, null);
    impairer.clear(at);
    assert.equal(shown(), before);
    assert.deepEqual(impairer.entries(), []);
  });

  test('keeps a clsact of ours in which somebody else has put a filter', (t) => {
    const { impairer, at, impair, run, tc } = makeEngineWire(t, 'k');
    impair({ egress: delay });
    tc('filter add dev v0 ingress protocol ip prio 7 u32 match ip src 10.57.0.9/32 flowid 1:1');
    impairer.clear(at);
    assert.match(run('tc', 'filter', 'show', 'dev', 'v0', 'ingress'), /u32/);
    assert.equal(run('tc', 'filter', 'show', 'dev', 'v0', 'egress'), '');
  });
});

describe('the userspace engine', () => {
  test('refuses an ingress qdisc that shares its filters, and changes nothing', (t) => {
    const { impairer, at, tc, state } = makeEngineWire(t, 'i');
    tc('qdisc add dev v0 ingress_block 7 ingress');
    const before = state();
    const error = refusalOf(() => impairer.apply(at, { ingress: delay }, undefined));
    assert.equal(error.code, 'original-not-restorable');
    assert.match(error.message, /the block 7, shared/);
    assert.match(error.remedy ?? '', /tc qdisc del dev v0 ingress/);
    assert.equal(state(), before);
    assert.deepEqual(impairer.entries(), []);
  });

  test('refuses an interface whose packets have no Ethernet header', (t) => {
    const { impairer, at, netlink, run } = makeEngineWire(t, 'n');
    run('ip', 'tuntap', 'add', 'mode', 'tun', 'name', 'tun0');
    const [tun] = netlink.query(getLink({ name: 'tun0' }));
    const atTun: Reachable = { ...at, interface: 'tun0', ifindex: tun?.ifindex ?? 0 };
    const wanted = { egress: delay, engine: 'userspace' } as const;
    const error = refusalOf(() => impairer.apply(atTun, wanted, undefined));
    assert.equal(error.code, 'kernel-lacks-feature');
    assert.match(error.message, /Ethernet/);
    assert.deepEqual(impairer.entries(), []);
  });

  test('refuses the loopback, whose IPv4 would not survive it, and leaves it at work', (t) => {
    const { impairer, at, state, run } = makeEngineWire(t, 'lo');
    const before = state();
    const lo: Reachable = { ...at, interface: 'lo', ifindex: 1 };
    for (const wanted of [{ egress: delay }, { ingress: delay }, { egress: rate, ingress: rate }]) {
      const asked = { ...wanted, engine: 'userspace' } as const;
      const error = refusalOf(() => impairer.apply(lo, asked, undefined));
      assert.equal(error.code, 'kernel-lacks-feature');
      assert.match(error.message, /\blo\b.*loopback/);
      assert.match(error.remedy ?? '', /sch_netem/);
    }
    assert.equal(state(), before);
    assert.deepEqual(impairer.entries(), []);
    assert.match(run('ping', '-n', '-c', '2', '-i', '0.01', '127.0.0.1'), / 2 received/);
    // The kernel's qdiscs can do it: what they hold keeps its route.
    impairer.apply(lo, { egress: rate }, undefined);
    assert.match(run('ping', '-n', '-c', '2', '-i', '0.01', '127.0.0.1'), / 2 received/);
    impairer.clear(lo);
  });

  test('is not asked where the kernel is to do both directions, and one that it cannot do leaves both', (t) => {
    const { impairer, at, state } = makeEngineWire(t, 'g');
    const before = state();
    const wanted = { egress: rate, ingress: delay, engine: 'kernel' } as const;
    if (realAbilities().netem) {
      assert.equal(impairer.apply(at, wanted, undefined).ingressMechanism, 'netem');
      impairer.clear(at);
    } else {
      assert.equal(
        refusalOf(() => impairer.apply(at, wanted, undefined)).code,
        'kernel-lacks-netem',
      );
    }
    assert.equal(state(), before);
  });

  test('is taken only for what the kernel cannot do', (t) => {
    const { impairer, at } = makeEngineWire(t, 'a');
    const { netem } = realAbilities();
    const both = impairer.apply(at, { egress: rate, ingress: rate }, undefined);
    assert.equal(both.egressMechanism, netem ? 'netem' : 'tbf');
    assert.equal(both.ingressMechanism, netem ? 'netem' : 'tbf');
    const delayed = impairer.apply(at, { egress: delay }, undefined);
    assert.equal(delayed.egressMechanism, netem ? 'netem' : 'userspace');
    assert.equal(delayed.ingress, null);
    const again = impairer.apply(at, { egress: rate }, undefined);
    assert.equal(again.egressMechanism, netem ? 'netem' : 'tbf');
  });

  test('leaves the other direction alone that is asked for nothing', (t) => {
    const { impairer, at } = makeEngineWire(t, 'y');
    const report = impairer.apply(at, { egress: {}, ingress: delay }, undefined);
    assert.deepEqual([report.egress, report.egressMechanism], [null, null]);
    assert.deepEqual(report.ingress, delay);
  });
});

describe('a failure of the second direction', () => {
  test('leaves both without impairment where there was none', (t) => {
    const { impairer, at, state } = makeEngineWire(t, 'f');
    const before = state();
    // For ingress: the filter on the TAP, then the one on the interface.
    for (const nth of [1, 2]) {
      const refusing = refusingAt(nth, RTM_NEWTFILTER, at);
      const wanted = { egress: rate, ingress: delay };
      const error = refusalOf(() => impairer.apply(refusing, wanted, undefined));
      assert.equal(error.code, 'kernel-refused');
      assert.equal(state(), before);
      assert.deepEqual(impairer.entries(), []);
    }
  });

  test('brings back what both did before', (t) => {
    const { impairer, at, impair } = makeEngineWire(t, 'b');
    impair({ egress: delay });
    const refusing = refusingAt(1, RTM_NEWTFILTER, at);
    const wanted = { egress: rate, ingress: delay };
    refusalOf(() => impairer.apply(refusing, wanted, undefined));
    const { egress, ingress, egressMechanism } = impairer.report(at);
    assert.deepEqual([egress, ingress, egressMechanism], [delay, null, 'userspace']);
  });
});

describe('another process', () => {
  test('sees what is in force, leaves it to its owner to change, and may take it off', (t) => {
    const wire = makeEngineWire(t, 'p');
    const before = wire.shown();
    wire.impair({ egress: delay, ingress: longer });
    const { impairer } = makeAnother(t, wire);
    const report = impairer.report(wire.at);
    assert.deepEqual([report.egress, report.ingress], [delay, longer]);
    const error = refusalOf(() => impairer.apply(wire.at, { ingress: delay }, undefined));
    assert.equal(error.code, 'changed-elsewhere');
    assert.ok(pingReplies(wire, '-c', '1').every(({ rttMs }) => rttMs >= 50));
    impairer.clear(wire.at);
    assert.equal(wire.shown(), before);
    assert.equal(wire.impairer.report(wire.at).egress, null);
  });

  test('reports nothing in force once the engine is gone, and restores', async (t) => {
    const wire = makeEngineWire(t, 'q');
    const before = wire.state();
    wire.impair({ egress: delay, ingress: delay });
    await wire.impairer.close();
    const { impairer } = makeAnother(t, wire);
    const { egress, ingress } = impairer.report(wire.at);
    assert.deepEqual([egress, ingress], [null, null]);
    assert.equal(impairer.entries().length, 1);
    assert.notEqual(wire.state(), before);
    assert.equal(pingSummary(wire, '-c', '5', '-i', '0.01').received, 5);
    const report = impairer.restore(() => wire.at);
    assert.deepEqual(
      report.restored.map((one) => one.interface),
      ['v0'],
    );
    assert.equal(wire.state(), before);
    assert.deepEqual(impairer.entries(), []);
  });
});

describe('what goes away', () => {
  test('an interface: its TAPs go with it', (t) => {
    const { impairer, at, impair, near, run } = makeEngineWire(t, 'w');
    impair({ egress: delay, ingress: delay });
    run('ip', 'link', 'del', 'v0');
    impairer.leave(near.key, at.ifindex);
    assert.doesNotMatch(run('ip', '-o', 'link', 'show'), /nw\d/);
  });

  test('a namespace: it dies within a second', async (t) => {
    const wire = makeEngineWire(t, 'z');
    const name = `${wire.name}g`;
    const gone = createNamed(name);
    wire.runFar('ip', 'link', 'add', 'g1', 'type', 'veth', 'peer', 'name', 'g0', 'netns', name);
    const netlink = gone.netlink();
    const [link] = netlink.query(getLink({ name: 'g0' }));
    const at: Reachable = {
      ...{ space: `netns:${name}`, namespace: gone, ifindex: link?.ifindex ?? 0 },
      ...{ interface: 'g0', netlink },
    };
    const both = { egress: delay, ingress: delay, engine: 'userspace' } as const;
    wire.impairer.apply(at, both, undefined);
    const { key } = gone;
    deleteNamed(name);
    netlink.close();
    gone.close();
    wire.impairer.leave(key);
    await until(() => !wire.runFar('ip', '-o', 'link', 'show').includes('g1'), 1000);
  });
});
