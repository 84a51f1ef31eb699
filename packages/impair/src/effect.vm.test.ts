import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Direction } from '@netweir/api';
import { measuredMbitPerSec } from './iperf.test-support.ts';
import { pingReplies, pingSummary } from './ping.test-support.ts';
import { makeWire, type Wire } from './wire.test-support.ts';

function impaired(t: TestContext, suffix: string, egress: Direction): Wire {
  const wire = makeWire(t, suffix);
  wire.impairer.apply(wire.at, egress, undefined);
  return wire;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? assert.fail('no values');
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

function assertNear(value: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(value - expected) <= tolerance, `${value}, not ${expected} ± ${tolerance}`);
}

describe('what other programs see', () => {
  test('ping sees a delay of 100 ms within 2 ms', (t) => {
    const wire = impaired(t, 'd', { delay: { mean: '100ms' } });
    const times = pingReplies(wire, '-c', '20', '-i', '0.05').map(({ rttMs }) => rttMs);
    assert.equal(times.length, 20);
    assertNear(median(times), 100, 2);
    assert.ok(Math.min(...times) >= 100, 'no packet is early');
  });

  test('5% of 5,000 packets are lost, within the 99.9% interval, and all losses are counted', (t) => {
    const wire = impaired(t, 'l', { loss: { model: 'random', probability: '5%' } });
    const { transmitted, received } = pingSummary(wire, '-f', '-c', '5000', '-W', '1');
    assert.equal(transmitted, 5000);
    const lost = transmitted - received;
    // 250 ± 3.29 deviations of a binomial distribution.
    assertNear(lost, 250, 3.29 * Math.sqrt(5000 * 0.05 * 0.95));
    assert.equal(wire.impairer.report(wire.at).counters?.droppedPackets, lost);
  });

  test('iperf3 sees a rate of 10 Mbit/s within 5%', async (t) => {
    const wire = impaired(t, 'r', { rate: { rate: '10mbit' } });
    assertNear(await measuredMbitPerSec(t, wire), 10, 0.5);
  });

  test('bursts of loss by Gilbert and Elliott begin and end as their chances say', (t) => {
    const wire = makeWire(t, 'g');
    const received = (p: string, r: string, lossInBad: string): number => {
      const loss = { model: 'gilbert-elliott', p, r, lossInBad } as const;
      wire.impairer.clear(wire.at);
      wire.impairer.apply(wire.at, { loss }, undefined);
      return pingSummary(wire, '-f', '-c', '20', '-W', '1').received;
    };
    assert.equal(received('0%', '100%', '100%'), 20, 'always good');
    // The first packet is judged by the good state, and leaves the bad one behind.
    assert.equal(received('100%', '0%', '100%'), 1, 'bad for ever');
    assert.equal(received('100%', '100%', '100%'), 10, 'good and bad by turns');
    assert.equal(received('100%', '0%', '0%'), 20, 'bad, but nothing is lost there');
  });

  test('losses by states are what their chances say', (t) => {
    const wire = makeWire(t, 's');
    const received = (p13: string, p14: string): number => {
      wire.impairer.clear(wire.at);
      wire.impairer.apply(wire.at, { loss: { model: 'state', p13, p14 } }, undefined);
      return pingSummary(wire, '-f', '-c', '20', '-W', '1').received;
    };
    assert.equal(received('0%', '0%'), 20, 'never');
    assert.equal(received('100%', '0%'), 0, 'one burst without end');
    assert.equal(received('0%', '100%'), 10, 'single losses by turns');
  });

  test('every packet comes twice where all are duplicated', (t) => {
    const wire = impaired(t, 'u', { duplicate: { probability: '100%' } });
    // More than the count, so that the last duplicate is waited for.
    const { received, duplicates } = pingSummary(wire, '-c', '20', '-i', '0.01', '-w', '1');
    assert.ok(received >= 20);
    assertNear(duplicates, received, 1);
  });

  test('corrupted packets fail their checksums', (t) => {
    const wire = impaired(t, 'c', { corrupt: { probability: '100%' } });
    const { received } = pingSummary(wire, '-f', '-c', '200', '-W', '1');
    // A flipped bit of the source's MAC address is the only one that nobody notices: 6 bytes of 98.
    assert.ok(received < 60, `${received} of 200 came back`);
    const snmp = wire.runFar('cat', '/proc/net/snmp').split('\n');
    const [names, values] = snmp
      .filter((line) => line.startsWith('Icmp:'))
      .map((l) => l.split(' '));
    const errors = Number(values?.[names?.indexOf('InCsumErrors') ?? -1]);
    assert.ok(errors > 50, `${errors} checksum errors`);
  });

  test('every fifth packet overtakes the four before it', (t) => {
    const reorder = { probability: '100%', gap: 5 };
    const wire = impaired(t, 'o', { delay: { mean: '300ms' }, reorder });
    const replies = pingReplies(wire, '-c', '20', '-i', '0.05');
    assert.equal(replies.length, 20);
    for (const { sequence, rttMs } of replies) {
      assert.ok(sequence % 5 === 0 ? rttMs < 100 : rttMs >= 300, `${sequence}: ${rttMs} ms`);
    }
    assert.equal(replies[0]?.sequence, 5);
  });

  test('a normal jitter deviates by its sigma, and a uniform one after it stays within it', (t) => {
    const wire = makeWire(t, 'j');
    const times = (distribution: 'normal' | 'uniform'): number[] => {
      const delay = { mean: '100ms', jitter: '20ms', distribution };
      wire.impairer.apply(wire.at, { delay }, undefined);
      return pingReplies(wire, '-c', '250', '-i', '0.005').map(({ rttMs }) => rttMs);
    };
    const normal = times('normal');
    // The deviation of 250 samples deviates by 4.5% itself.
    assertNear(deviation(normal), 20, 4);
    assert.ok(Math.max(...normal) > 125 && Math.min(...normal) < 75, 'beyond one sigma');
    const uniform = times('uniform');
    assertNear(deviation(uniform), 20 / Math.sqrt(3), 3);
    assert.ok(Math.min(...uniform) >= 80, `${Math.min(...uniform)} ms`);
    // A busy machine may be late with a few; of a normal jitter 15% are beyond.
    const beyond = uniform.filter((rttMs) => rttMs > 121).length;
    assert.ok(beyond < 0.05 * uniform.length, `${beyond} of ${uniform.length}`);
  });

  test('slots let one packet out at a time', (t) => {
    const wire = impaired(t, 't', { slot: { minDelay: '20ms', maxDelay: '20ms', maxPackets: 1 } });
    const times = pingReplies(wire, '-c', '10', '-l', '10').map(({ rttMs }) => rttMs);
    const steps = times.slice(1).map((rttMs, index) => rttMs - (times[index] ?? 0));
    assert.equal(steps.length, 9);
    assertNear(median(steps), 20, 2);
  });

  test('ecn marks packets that would be lost, where they allow it', (t) => {
    const loss = { model: 'random', probability: '100%' } as const;
    const wire = impaired(t, 'e', { loss, ecn: true });
    const [ect0, notEct] = ['2', '0'].map((tos) =>
      pingSummary(wire, '-Q', tos, '-f', '-c', '20', '-W', '1'),
    );
    assert.deepEqual([ect0?.received, notEct?.received], [20, 0]);
  });
});
