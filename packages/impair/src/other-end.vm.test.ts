import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ImpairmentReport } from '@netweir/api';
import { getLink } from '@netweir/kernel';
import { Impairer, type Wanted } from './impairer.ts';
import { Journal } from './journal/journal.ts';
import { pingReplies, pingSummary } from './ping.test-support.ts';
import type { Reachable } from './reachable.ts';
import { makeWire, NEAR, realAbilities, type Wire } from './wire.test-support.ts';

const LOST = { loss: { model: 'random', probability: '100%' } } as const;
const delayed = (mean: string) => ({ delay: { mean } });

interface EndsWire extends Wire {
  readonly both: Impairer;
  readonly peer: Reachable;
  readonly apply: (wanted: Wanted) => ImpairmentReport;
  /** The root of the other end, as tc has it. */
  readonly shownFar: () => string;
}

/** A wire on a kernel without ifb. */
function makeEndsWire(t: TestContext, suffix: string): EndsWire {
  const wire = makeWire(t, suffix);
  const netlink = wire.far.netlink();
  t.after(() => netlink.close());
  const [found] = netlink.query(getLink({ name: 'v1' }));
  assert.ok(found);
  const { ifindex } = found;
  const peer = {
    ...{ space: `netns:${wire.name}p`, namespace: wire.far, ifindex, interface: 'v1', netlink },
  };
  const both = new Impairer({
    journal: new Journal(wire.stateDirectory),
    abilities: () => ({ ...realAbilities(), ifb: false }),
    owner: 'command',
    peerOf: ({ namespace }) => (namespace === wire.near ? peer : wire.at),
    onEngineFailure: (error) => assert.fail(error),
  });
  t.after(() => both.close());
  return {
    ...wire,
    both,
    peer,
    apply: (wanted) => both.apply(wire.at, { engine: 'kernel', ...wanted }, undefined),
    shownFar: () => wire.runFar('tc', 'qdisc', 'show', 'dev', 'v1', 'root'),
  };
}

function medianMs(wire: Wire): number {
  const times = pingReplies(wire, '-c', '5', '-i', '0.02', '-W', '2').map(({ rttMs }) => rttMs);
  return times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
}

function assertNear(value: number, expected: number): void {
  assert.ok(Math.abs(value - expected) <= 5, `${value}, not ${expected} ± 5`);
}

function echoesHeard({ runFar }: Wire): number {
  const [names = '', values = ''] = runFar('grep', '^Icmp:', '/proc/net/snmp').split('\n');
  return Number(values.split(' ')[names.split(' ').indexOf('InEchos')]);
}

test('what is received is delayed at the other end, beside what is sent, and by rules', (t) => {
  const wire = makeEndsWire(t, 'd');
  const before = [wire.shown(), wire.shownFar()];
  const report = wire.apply({ egress: delayed('20ms'), ingress: delayed('40ms') });
  assert.deepEqual(report.ingressAt, { space: wire.peer.space, interface: 'v1' });
  assert.match(wire.shownFar(), /netem 4e57: root .*delay 40ms/u);
  assertNear(medianMs(wire), 60);
  const match = { protocol: 'icmp', local: [`${NEAR.ipv4}/32`] } as const;
  const rules = [{ match: { ...match, local: [...match.local] }, ingress: delayed('10ms') }];
  wire.apply({ egress: delayed('20ms'), ingress: delayed('200ms'), rules });
  assertNear(medianMs(wire), 30);
  const { rules: counted } = wire.both.report(wire.at);
  assert.ok((counted[0]?.ingressCounters?.sentPackets ?? 0) >= 5);
  wire.both.clear(wire.at);
  assert.deepEqual([wire.shown(), wire.shownFar()], before);
  assertNear(medianMs(wire), 0);
});

test('what is received is lost there after it was sent, and what is sent arrives', (t) => {
  const wire = makeEndsWire(t, 'l');
  wire.apply({ ingress: LOST });
  const heard = echoesHeard(wire);
  assert.equal(pingSummary(wire, '-c 5 -i 0.02 -W 1').received, 0);
  assert.equal(echoesHeard(wire) - heard, 5);
});
