import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Direction, TrafficMatch, TrafficRule } from '@netweir/api';
import type { Redirection } from './engine/hook.ts';
import { addIpv6, type EngineWire, HAS_IPV6, makeEngineWire } from './engine-wire.test-support.ts';
import type { Way } from './journal/entry.ts';
import { UdpStream } from './udp-stream.test-support.ts';
import { until } from './wire.test-support.ts';

const FAR = '10.57.0.2';
const OTHER = '10.57.0.99';

/** Everywhere the engine works, all of this is the same. */
const WAYS: readonly { readonly redirection: Redirection; readonly way: Way }[] = [
  { redirection: 'bpf', way: 'egress' },
  { redirection: 'bpf', way: 'ingress' },
  { redirection: 'mirred', way: 'egress' },
];

const delayed = (ms: number): Direction => ({ delay: { mean: `${ms}ms` } });

function makeRulesWire(t: TestContext, suffix: string, redirection: Redirection): EngineWire {
  const wire = makeEngineWire(t, suffix, redirection);
  wire.runFar('ip', 'addr', 'add', `${OTHER}/24`, 'dev', 'v1');
  wire.run('ip', 'neigh', 'add', OTHER, 'lladdr', '02:57:00:00:00:02', 'dev', 'v0');
  return wire;
}

/** The median round trip in ms. */
function roundTrip({ run }: EngineWire, address: string): number {
  const out = run('ping', '-n', '-c', '7', '-i', '0.02', '-W', '2', address);
  const times = [...out.matchAll(/time=([\d.]+)/gu)].map(([, time]) => Number(time));
  return times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
}

function assertRoundTrip(wire: EngineWire, address: string, ms: number): void {
  const found = roundTrip(wire, address);
  assert.ok(found >= ms && found < ms + 15, `${found} ms to ${address} instead of ${ms}`);
}

/** A rule that matches nothing of what a test sends. */
function idleRule(index: number, way: Way): TrafficRule {
  return { match: { remote: [`10.58.${index}.0/24`] }, [way]: delayed(20) };
}

for (const { redirection, way } of WAYS) {
  const rule = (match: TrafficMatch, direction: Direction): TrafficRule => ({
    match,
    [way]: direction,
  });
  const counters =
    redirection === 'bpf' && way === 'ingress' ? 'ingressCounters' : 'egressCounters';
  const ends = (
    wire: EngineWire,
  ): Pick<Parameters<typeof UdpStream.start>[1], 'from' | 'to' | 'address'> =>
    way === 'egress'
      ? { from: wire.near, to: wire.far, address: FAR }
      : { from: wire.far, to: wire.near, address: '10.57.0.1' };
  const name = `n${redirection[0]}${way[0]}`;

  describe(`rules of ${way} by the userspace engine with ${redirection}`, () => {
    test('give each part of the traffic its own delay, and leave alone what they exclude', (t) => {
      const wire = makeRulesWire(t, `${name}p`, redirection);
      const before = wire.state();
      const icmp = rule({ protocol: 'icmp', remote: ['10.57.0.0/24'] }, delayed(20));
      wire.impair({ [way]: delayed(100), rules: [rule({ remote: [OTHER] }, delayed(60)), icmp] });
      assertRoundTrip(wire, OTHER, 60);
      assertRoundTrip(wire, FAR, 20);
      wire.impair({ [way]: delayed(40), rules: [{ match: { remote: [OTHER] }, exclude: true }] });
      assertRoundTrip(wire, OTHER, 0);
      assertRoundTrip(wire, FAR, 40);
      wire.impair({ rules: [rule({ remote: [OTHER] }, delayed(30))] });
      assertRoundTrip(wire, OTHER, 30);
      assertRoundTrip(wire, FAR, 0);
      wire.impairer.clear(wire.at);
      assert.equal(wire.state(), before);
    });

    test('are asked in their order, two hundred of them, and count for themselves', (t) => {
      const wire = makeRulesWire(t, `${name}h`, redirection);
      const rules = Array.from({ length: 198 }, (_, index) => idleRule(index, way));
      rules.push(rule({ remote: [FAR] }, delayed(15)), rule({ remote: [OTHER] }, delayed(35)));
      wire.impair({ [way]: delayed(1), rules });
      assertRoundTrip(wire, FAR, 15);
      assertRoundTrip(wire, OTHER, 35);
      const report = wire.impairer.report(wire.at);
      assert.deepEqual(
        report.rules.map((one) => one[way]),
        rules.map((one) => one[way]),
      );
      const sent = report.rules.map((one) => one[counters]?.sentPackets ?? -1);
      assert.deepEqual(sent, [...new Array<number>(198).fill(0), 7, 7]);
    });

    test('are added, changed and removed without touching the traffic of the others', async (t) => {
      const wire = makeRulesWire(t, `${name}m`, redirection);
      const own = rule(
        { protocol: 'udp' },
        { delay: { mean: '30ms', jitter: '5ms', reorder: 'none' } },
      );
      const others = Array.from({ length: 198 }, (_, index) => idleRule(index, way));
      const without = others.toSpliced(100, 0, own);
      wire.impair({ [way]: delayed(1), rules: without });
      const stream = await UdpStream.start(t, { ...ends(wire), perSecond: 2000 });
      const times: number[] = [];
      for (let round = 0; round < 20; round++) {
        await setTimeout(40);
        const added = without.toSpliced(round * 9, 0, idleRule(199, way));
        const start = performance.now();
        wire.impair({ [way]: delayed(1), rules: added });
        times.push(performance.now() - start);
        wire.impair({ [way]: delayed(1 + round), rules: added.with(200 - 10, idleRule(200, way)) });
        wire.impair({ [way]: delayed(1), rules: without });
      }
      t.diagnostic(`added in ${times.toSorted((a, b) => a - b)[10]?.toFixed(2)} ms (median)`);
      const { sent, ...damage } = await stream.end();
      assert.deepEqual(damage, { lost: 0, overtaken: 0, repeated: 0 });
      const found = wire.impairer.report(wire.at).rules[100]?.[counters];
      assert.equal(found?.droppedPackets, 0);
      assert.ok((found?.sentPackets ?? 0) >= sent, JSON.stringify(found));
    });
  });
}

describe('rules by the userspace engine', () => {
  test('of both directions are each of their own', (t) => {
    const wire = makeRulesWire(t, 'nb', 'bpf');
    wire.impair({
      egress: delayed(10),
      rules: [
        { match: { remote: [OTHER] }, egress: delayed(20), ingress: delayed(30) },
        { match: { remote: [FAR] }, ingress: delayed(40) },
      ],
    });
    assertRoundTrip(wire, OTHER, 50);
    assertRoundTrip(wire, FAR, 50);
    const { rules, ingress } = wire.impairer.report(wire.at);
    assert.equal(ingress, null);
    assert.deepEqual(
      rules.map((one) => [one.egressCounters?.sentPackets, one.ingressCounters?.sentPackets]),
      [
        [7, 7],
        [undefined, 7],
      ],
    );
  });

  test('of ports take whole TCP streams, and leave other ports alone', async (t) => {
    const wire = makeRulesWire(t, 'nt', 'bpf');
    const rules: TrafficRule[] = [
      {
        match: { protocol: 'tcp', remotePorts: ['5300-5310'] },
        egress: { rate: { rate: '20mbit' } },
      },
    ];
    wire.impair({ egress: delayed(1), rules });
    const slow = await tcpMbit(t, wire, 5305);
    assert.ok(slow > 15 && slow < 20.5, `${slow} Mbit/s`);
    const fast = await tcpMbit(t, wire, 5311);
    assert.ok(fast > 60, `${fast} Mbit/s`);
  });

  test('of IPv6 networks take their packets', (t) => {
    if (!HAS_IPV6) return t.skip('this kernel has no IPv6');
    const wire = makeRulesWire(t, 'n6', 'bpf');
    const far = addIpv6(wire);
    wire.impair({ rules: [{ match: { remote: ['fd57::/64'] }, egress: delayed(25) }] });
    assertRoundTrip(wire, far, 25);
    assertRoundTrip(wire, FAR, 0);
  });
});

/** What iperf3's receiver sees of a second of TCP. */
async function tcpMbit(t: TestContext, { far, run }: EngineWire, port: number): Promise<number> {
  const options = ['-s', '-1', '-p', `${port}`, '--forceflush'];
  const server = far.spawn('iperf3', options, { stdio: 'pipe' });
  t.after(() => server.kill());
  let output = '';
  server.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await until(() => output.includes('Server listening'));
  const { end } = JSON.parse(run('iperf3', '-c', FAR, '-p', `${port}`, '-t', '2', '-J'));
  return end.sum_received.bits_per_second / 1e6;
}
