import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Direction, EngineChoice, ImpairmentReport, TrafficRule } from '@netweir/api';
import { Impairer, type Wanted } from './impairer.ts';
import { Journal } from './journal/journal.ts';
import { pingSummary } from './ping.test-support.ts';
import { makeWire, realAbilities, type Wire } from './wire.test-support.ts';

const ENGINE: EngineChoice = 'kernel';

interface RulesWire extends Wire {
  readonly both: Impairer;
  readonly apply: (wanted: Wanted) => ImpairmentReport;
}

function makeRulesWire(t: TestContext, suffix: string): RulesWire {
  const wire = makeWire(t, suffix);
  const both = new Impairer({
    journal: new Journal(wire.stateDirectory),
    abilities: realAbilities,
    owner: 'command',
    onEngineFailure: (error) => assert.fail(error),
  });
  t.after(() => both.close());
  const apply = (wanted: Wanted): ImpairmentReport =>
    both.apply(wire.at, { engine: ENGINE, ...wanted }, undefined);
  return { ...wire, both, apply };
}

const delayed = (mean: string): Direction => ({ delay: { mean } });
const OTHER = '10.57.0.99';

/** The median round trip to an address of the far end, in ms. */
function roundTrip(wire: Wire, address: string): number {
  const out = wire.run('ping', '-n', '-c', '5', '-i', '0.02', '-W', '2', address);
  const times = [...out.matchAll(/time=([\d.]+)/g)].map(([, time]) => Number(time));
  return times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
}

function addOther(wire: Wire): void {
  wire.runFar('ip', 'addr', 'add', `${OTHER}/24`, 'dev', 'v1');
  wire.run('ip', 'neigh', 'add', OTHER, 'lladdr', '02:57:00:00:00:02', 'dev', 'v0');
}

function assertNear(value: number, expected: number, tolerance = 5): void {
  assert.ok(Math.abs(value - expected) <= tolerance, `${value}, not ${expected} ± ${tolerance}`);
}

describe('rules by the kernel', () => {
  test('each part of the traffic has its own delay, and what is excluded has none', (t) => {
    const wire = makeRulesWire(t, 'p');
    addOther(wire);
    const before = wire.shown();
    const rules: TrafficRule[] = [
      { match: { remote: [`${OTHER}/32`] }, egress: delayed('60ms') },
      { match: { protocol: 'icmp', remote: ['10.57.0.0/24'] }, egress: delayed('20ms') },
    ];
    const report = wire.apply({ egress: delayed('200ms'), rules });
    assert.deepEqual(
      report.rules.map(({ egress }) => egress),
      [delayed('60ms'), delayed('20ms')],
    );
    assertNear(roundTrip(wire, OTHER), 60);
    assertNear(roundTrip(wire, '10.57.0.2'), 20);
    wire.apply({
      egress: delayed('200ms'),
      rules: [{ match: { remote: [`${OTHER}/32`] }, exclude: true }],
    });
    assertNear(roundTrip(wire, OTHER), 0);
    assertNear(roundTrip(wire, '10.57.0.2'), 200);
    wire.both.clear(wire.at);
    assert.equal(wire.shown(), before);
  });

  test('what is received has its own values, by an ifb that goes with them', (t) => {
    const wire = makeRulesWire(t, 'i');
    addOther(wire);
    const before = wire.shown();
    const links = wire.run('ip', '-o', 'link').split('\n').length;
    const report = wire.apply({ egress: delayed('30ms'), ingress: delayed('50ms') });
    assert.deepEqual([report.egress, report.ingress], [delayed('30ms'), delayed('50ms')]);
    assert.equal(report.ingressMechanism, 'netem');
    assertNear(roundTrip(wire, '10.57.0.2'), 80);
    const rules = [{ match: { remote: [OTHER] }, ingress: delayed('10ms') }];
    wire.apply({ ingress: delayed('50ms'), rules });
    assertNear(roundTrip(wire, OTHER), 10);
    assertNear(roundTrip(wire, '10.57.0.2'), 50);
    wire.apply({ ingress: delayed('5ms') });
    assertNear(roundTrip(wire, OTHER), 5);
    wire.both.clear(wire.at);
    assert.equal(wire.shown(), before);
    assert.equal(wire.run('ip', '-o', 'link').split('\n').length, links);
  });

  test('a rule is added, changed and removed among 199 others without touching them', (t) => {
    const wire = makeRulesWire(t, 'm');
    const ruleOf = (index: number, mean = '10ms'): TrafficRule => ({
      match: { remote: [`10.58.${index}.0/24`] },
      egress: delayed(mean),
    });
    const rules = Array.from({ length: 199 }, (_, index) => ruleOf(index));
    wire.apply({ egress: delayed('1ms'), rules });
    const dump = (kind: string): string[] =>
      wire
        .run(
          'tc',
          '-d',
          kind,
          'show',
          'dev',
          'v0',
          ...(kind === 'filter' ? ['parent', '4e57:'] : []),
        )
        .split(/\n(?=\S)/u);
    const kinds = ['qdisc', 'class', 'filter'];
    const shown = (): string[] => kinds.flatMap(dump);
    const before = shown();
    const start = performance.now();
    wire.apply({ egress: delayed('1ms'), rules: rules.toSpliced(100, 0, ruleOf(199)) });
    const added = performance.now() - start;
    t.diagnostic(`added in ${added.toFixed(2)} ms`);
    const after = shown();
    assert.deepEqual(
      before.filter((line) => !after.includes(line)),
      [],
    );
    assert.ok(after.length > before.length);
    wire.apply({ egress: delayed('1ms'), rules });
    assert.deepEqual(shown(), before);
    wire.apply({ egress: delayed('1ms'), rules: rules.with(7, ruleOf(7, '33ms')) });
    const changed = shown().filter((line) => !before.includes(line));
    assert.equal(changed.length, 1);
    assert.match(changed[0] ?? '', /netem.*delay 33ms/);
    wire.both.clear(wire.at);
  });

  test('a ping keeps its delay while rules around it come, change and go', async (t) => {
    const wire = makeRulesWire(t, 'k');
    const own: TrafficRule = { match: { remote: ['10.57.0.2'] }, egress: delayed('30ms') };
    wire.apply({ egress: delayed('1ms'), rules: [own] });
    for (let index = 0; index < 50; index++) {
      const other = (n: number): TrafficRule => ({
        match: { remote: [`10.58.${n}.0/24`] },
        egress: delayed(`${1 + index}ms`),
      });
      const others = Array.from({ length: index % 7 }, (_, n) => other(n));
      wire.apply({ egress: delayed('1ms'), rules: others.toSpliced(index % 3, 0, own) });
    }
    const { transmitted, received } = pingSummary(wire, '-c', '20', '-i', '0.02');
    assert.equal(received, transmitted);
    assertNear(roundTrip(wire, '10.57.0.2'), 30);
  });
});
