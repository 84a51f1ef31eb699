import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Direction } from '@netweir/api';
import { addIpv6, type EngineWire, HAS_IPV6, makeEngineWire } from './engine-wire.test-support.ts';
import { measuredMbitPerSec } from './iperf.test-support.ts';
import { pingReplies, pingSummary } from './ping.test-support.ts';
import { transfersIntact } from './transfer.test-support.ts';
import { until } from './wire.test-support.ts';

/** What a busy machine may add to the median of round trips. */
const LATE_MS = 5;

function impaired(
  t: TestContext,
  suffix: string,
  wanted: { egress?: Direction; ingress?: Direction },
): EngineWire {
  const wire = makeEngineWire(t, suffix);
  wire.impair(wanted);
  return wire;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** A counter of the far end's kernel. */
function farCounter({ runFar }: EngineWire, protocol: string, name: string): number {
  return counter(runFar, protocol, name);
}

/** A counter of the kernel, from /proc/net/snmp of the namespace in which `run` runs programs. */
function counter(run: EngineWire['run'], protocol: string, name: string): number {
  const [names, values] = run('cat', '/proc/net/snmp')
    .split('\n')
    .filter((line) => line.startsWith(`${protocol}: `))
    .map((line) => line.split(' '));
  return Number(values?.[names?.indexOf(name) ?? -1]);
}

const delayed = (mean: string): Direction => ({ delay: { mean } });
const losing = (probability: string, more: Partial<Direction> = {}): Direction => ({
  loss: { model: 'random', probability },
  ...more,
});

describe('delay by the userspace engine', () => {
  for (const [suffix, wanted, expectedMs] of [
    ['e', { egress: delayed('30ms') }, 30],
    ['i', { ingress: delayed('20ms') }, 20],
    ['b', { egress: delayed('30ms'), ingress: delayed('20ms') }, 50],
  ] as const) {
    test(`of ${Object.keys(wanted).join(' and ')} lengthens the round trip by ${expectedMs} ms`, (t) => {
      const wire = impaired(t, `d${suffix}`, wanted);
      const times = pingReplies(wire, '-c', '20', '-i', '0.01').map(({ rttMs }) => rttMs);
      assert.equal(times.length, 20);
      assert.ok(Math.min(...times) >= expectedMs, `${Math.min(...times)} ms`);
      assert.ok(median(times) < expectedMs + LATE_MS, `${median(times)} ms`);
    });
  }

  test('stays within its jitter, and uses all of it', (t) => {
    const delay = { mean: '30ms', jitter: '10ms', distribution: 'uniform' } as const;
    const wire = impaired(t, 'j', { egress: { delay } });
    const times = pingReplies(wire, '-c', '200', '-i', '0.005').map(({ rttMs }) => rttMs);
    assert.ok(Math.min(...times) >= 20 && Math.min(...times) < 24, `${Math.min(...times)} ms`);
    assert.ok(Math.max(...times) > 36, `${Math.max(...times)} ms`);
    // A busy machine is late with some.
    const ninthDecile = times.toSorted((a, b) => a - b)[180] ?? Number.NaN;
    assert.ok(ninthDecile < 40 + LATE_MS, `${ninthDecile} ms`);
  });

  test('is the same for IPv6', { skip: !HAS_IPV6 && 'no IPv6' }, (t) => {
    const wire = impaired(t, 'v', { egress: delayed('30ms'), ingress: delayed('20ms') });
    const output = wire.run('ping', '-6', '-n', '-c', '10', '-i', '0.01', addIpv6(wire));
    const times = [...output.matchAll(/time=([\d.]+) ms/g)].map(([, time]) => Number(time));
    assert.equal(times.length, 10);
    assert.ok(Math.min(...times) >= 50 && median(times) < 50 + LATE_MS, output);
  });

  test('that is changed in place loses nothing', async (t) => {
    const wire = impaired(t, 'c', { egress: delayed('50ms') });
    const options = ['-n', '-q', '-c', '100', '-i', '0.01', '-W', '2', '10.57.0.2'];
    const ping = wire.near.spawn('ping', options, { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => ping.kill());
    let output = '';
    ping.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    let changes = 0;
    const changing = setInterval(() => {
      const mean = `${20 + (++changes % 3) * 30}ms`;
      wire.impair({ egress: { delay: { mean }, rate: { rate: '1gbit' } } });
    }, 50);
    await until(() => output.includes('transmitted'), 15_000);
    clearInterval(changing);
    assert.ok(changes > 5, `${changes} changes`);
    assert.match(output, /100 packets transmitted, 100 received/);
  });

  test('that is taken off delivers what waits', async (t) => {
    const wire = impaired(t, 'o', { egress: delayed('10s'), ingress: delayed('10s') });
    const options = ['-n', '-q', '-c', '20', '-l', '20', '-W', '9', '10.57.0.2'];
    const ping = wire.near.spawn('ping', options, { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => ping.kill());
    let output = '';
    ping.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    const waiting = (): number =>
      wire.impairer.report(wire.at).egressCounters?.queuedPackets ?? Number.NaN;
    await until(() => waiting() === 20);
    wire.impairer.clear(wire.at);
    await until(() => output.includes('transmitted'));
    assert.match(output, /20 packets transmitted, 20 received/);
  });
});

describe('loss by the userspace engine', () => {
  test('of everything sent keeps it from the far end', (t) => {
    const wire = impaired(t, 'la', { egress: losing('100%') });
    const before = farCounter(wire, 'Icmp', 'InEchos');
    assert.equal(pingSummary(wire, '-c', '10', '-i', '0.01', '-W', '1').received, 0);
    assert.equal(farCounter(wire, 'Icmp', 'InEchos'), before);
  });

  test('of everything received lets the far end hear and answer', (t) => {
    const wire = impaired(t, 'lb', { ingress: losing('100%') });
    const before = farCounter(wire, 'Icmp', 'InEchos');
    const { transmitted, received } = pingSummary(wire, '-c', '10', '-i', '0.01', '-W', '1');
    assert.equal(received, 0);
    assert.equal(farCounter(wire, 'Icmp', 'InEchos'), before + transmitted);
    assert.equal(wire.impairer.report(wire.at).ingressCounters?.droppedPackets, transmitted);
  });

  test('of 20% loses a fifth', (t) => {
    const wire = impaired(t, 'lc', { egress: losing('20%', { seed: '1' }) });
    const { received } = pingSummary(wire, '-f', '-c', '1000', '-W', '1');
    // Four standard deviations of a binomial distribution.
    assert.ok(Math.abs(received - 800) <= 51, `${received} of 1000`);
  });

  test('with a seed loses the same packets again, and others with another', (t) => {
    const wire = makeEngineWire(t, 's');
    const arrived = (seed: string): number[] => {
      wire.impair({ egress: losing('30%', { seed }) });
      return pingReplies(wire, '-c', '60', '-i', '0.005', '-W', '1').map(
        ({ sequence }) => sequence,
      );
    };
    const first = arrived('7');
    assert.ok(first.length > 20 && first.length < 60, `${first.length} of 60`);
    assert.deepEqual(arrived('7'), first);
    assert.notDeepEqual(arrived('8'), first);
    wire.impairer.clear(wire.at);
    assert.deepEqual(arrived('7'), first);
  });

  test('with ecn marks packets that allow it instead', (t) => {
    const wire = impaired(t, 'le', { egress: losing('100%', { ecn: true }) });
    const [ect0, notEct] = ['2', '0'].map((tos) =>
      pingSummary(wire, '-Q', tos, '-c', '20', '-i', '0.005', '-W', '1'),
    );
    assert.deepEqual([ect0?.received, notEct?.received], [20, 0]);
  });
});

describe('more than the userspace engine can take', () => {
  test('is counted as dropped: nothing goes without a trace', async (t) => {
    const wire = impaired(t, 'of', { egress: delayed('60s') });
    const burst = ['-n', '-q', '-c', '60000', '-l', '60000', '-W', '60', '10.57.0.2'];
    const pings = [1, 2, 3, 4].map(() => wire.near.spawn('ping', burst, { stdio: 'ignore' }));
    const end = (): void => {
      for (const ping of pings) ping.kill('SIGKILL');
    };
    t.after(end);
    const dropped = (): number =>
      wire.impairer.report(wire.at).egressCounters?.droppedPackets ?? Number.NaN;
    await until(() => dropped() > 0, 20_000);
    end();
    const counted = (): number =>
      dropped() + (wire.impairer.report(wire.at).egressCounters?.queuedPackets ?? Number.NaN);
    await until(() => counted() === counter(wire.run, 'Ip', 'OutRequests'));
    const tap = `nw${wire.at.ifindex}e`;
    const [link] = JSON.parse(wire.run('ip', '-j', '-s', 'link', 'show', tap));
    assert.equal(dropped(), link.stats64.tx.dropped);
  });
});

describe('what else the userspace engine does', () => {
  test('duplicates every packet', (t) => {
    const wire = impaired(t, 'du', { egress: { duplicate: { probability: '100%' } } });
    const { transmitted, received, duplicates } = pingSummary(wire, '-c', '10', '-i', '0.01');
    assert.deepEqual([transmitted, received], [10, 10]);
    assert.ok(duplicates >= 9, `${duplicates} duplicates`);
  });

  test('has every fifth packet overtake the four before it', (t) => {
    const reorder = { probability: '100%', gap: 5 };
    const wire = impaired(t, 're', { egress: { ...delayed('300ms'), reorder } });
    const replies = pingReplies(wire, '-c', '20', '-i', '0.05');
    assert.equal(replies.length, 20);
    for (const { sequence, rttMs } of replies) {
      assert.ok(sequence % 5 === 0 ? rttMs < 100 : rttMs >= 300, `${sequence}: ${rttMs} ms`);
    }
    assert.equal(replies[0]?.sequence, 5);
  });

  test('corrupts packets, which the far end counts by their checksums', (t) => {
    const wire = impaired(t, 'co', { egress: { corrupt: { probability: '100%' }, seed: '1' } });
    const { received } = pingSummary(wire, '-c', '100', '-i', '0.002', '-s', '1000', '-W', '1');
    assert.ok(received < 20, `${received} of 100 arrived whole`);
    // Some bits are of the headers before ICMP's, which others check.
    assert.ok(farCounter(wire, 'Icmp', 'InCsumErrors') > 50);
  });

  test('limits a rate as iperf3 sees it within 5%', async (t) => {
    const wire = impaired(t, 'ra', { egress: { rate: { rate: '10mbit' } } });
    const seen = await measuredMbitPerSec(t, wire);
    // A frame of 1514 bytes carries 1472 of data.
    const expected = (10 * 1472) / 1514;
    assert.ok(Math.abs(seen - expected) <= 0.5, `${seen} Mbit/s`);
  });
});

describe('TCP through the userspace engine', () => {
  test('brings 20 MB intact through delay and loss both ways', async (t) => {
    const direction = { ...delayed('5ms'), ...losing('1%', { seed: '3' }) };
    const wire = impaired(t, 'ta', { egress: direction, ingress: direction });
    await transfersIntact(t, wire, 20_000_000);
    assert.ok((wire.impairer.report(wire.at).egressCounters?.droppedPackets ?? 0) > 0);
  });

  test('brings everything intact past corruption, which costs retransmissions', async (t) => {
    const corrupt = { probability: '10%' };
    const wire = impaired(t, 'tb', { egress: { corrupt, seed: '3' } });
    await transfersIntact(t, wire, 10_000_000);
    assert.ok(farCounter(wire, 'Tcp', 'InCsumErrors') > 0, 'no checksum was wrong');
  });

  test('has its segments stay together, so that few and long frames pass', async (t) => {
    const wire = impaired(t, 'tc', { egress: delayed('1ms') });
    await transfersIntact(t, wire, 20_000_000);
    const counters = wire.impairer.report(wire.at).egressCounters;
    const { sentBytes = 0, sentPackets = 1 } = counters ?? {};
    assert.ok(sentBytes / sentPackets > 3 * 1514, `${sentBytes / sentPackets} bytes a frame`);
    const [link] = JSON.parse(wire.runFar('ip', '-j', '-s', 'link', 'show', 'v1'));
    const { bytes, packets } = link.stats64.rx;
    assert.ok(bytes / packets > 3 * 1514, `${bytes / packets} bytes a frame at the far end`);
  });
});
