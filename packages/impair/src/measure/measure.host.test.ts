import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import type { Direction } from '@netweir/api';
import { type EngineWire, makeEngineWire } from '../engine-wire.test-support.ts';
import { measuredMbitPerSec } from '../iperf.test-support.ts';
import { pingReplies, pingSummary } from '../ping.test-support.ts';
import { FAR } from '../wire.test-support.ts';
import { assertNoneDiffers, comparison, optionsOf } from './measure.test-support.ts';
import { measure } from './measure.ts';

interface Wanted {
  readonly egress?: Direction;
  readonly ingress?: Direction;
}

/** A wire of which the near end is impaired by the userspace engine. */
function impaired(t: TestContext, suffix: string, wanted: Wanted): EngineWire {
  const wire = makeEngineWire(t, suffix);
  wire.impair(wanted);
  return wire;
}

const openFiles = (): number => readdirSync('/proc/self/fd').length;

describe('measuring between two ends of a wire', () => {
  test('finds it fast and whole where nothing is set, and leaves nothing open', async (t) => {
    const wire = makeEngineWire(t, 'n');
    const before = openFiles();
    const { forward, backward, roundTrip, comparisons, verdict } = await measure(
      optionsOf(wire, 1000),
    );
    assert.deepEqual([comparisons, verdict], [[], null]);
    for (const way of [forward, backward]) {
      assert.ok(way?.delay && way.delay.medianMs < 2, JSON.stringify(way));
      assert.ok(way.sent > 200);
      assert.deepEqual([way.lost, way.duplicated, way.corrupted], [0, 0, 0]);
    }
    for (const kind of [roundTrip.udp, roundTrip.icmp, roundTrip.tcp]) {
      assert.ok(kind?.delay && kind.delay.minMs < 5, JSON.stringify(kind));
    }
    assert.equal(openFiles(), before);
  });

  test('finds delays of both directions each by itself, as ping finds their sum', async (t) => {
    const wire = impaired(t, 'd', {
      egress: { delay: { mean: '50ms' } },
      ingress: { delay: { mean: '20ms' } },
    });
    const measured = await measure(optionsOf(wire, 1500));
    assertNoneDiffers(measured);
    const [there, back] = [measured.forward?.delay, measured.backward?.delay];
    assert.ok(there && back);
    assert.ok(Math.abs(there.medianMs - 50) < 2, `${there.medianMs} ms`);
    assert.ok(Math.abs(back.medianMs - 20) < 2, `${back.medianMs} ms`);
    const pings = pingReplies(wire, '-c', '20', '-i', '0.02').map(({ rttMs }) => rttMs);
    const ping = pings.toSorted((a, b) => a - b)[10] ?? assert.fail();
    const echo = measured.roundTrip.icmp?.delay?.medianMs ?? assert.fail();
    assert.ok(Math.abs(ping - there.medianMs - back.medianMs) < 3, `${ping} ms`);
    assert.ok(Math.abs(ping - echo) < 3, `${ping} ms, ${echo} ms`);
  });

  test('finds the loss of one direction alone, as ping and the counters do', async (t) => {
    const wire = impaired(t, 'l', { egress: { loss: { model: 'random', probability: '5%' } } });
    const measured = await measure(optionsOf(wire, 4000));
    assertNoneDiffers(measured);
    const { low, high, set } = comparison(measured, 'forward', 'loss');
    assert.equal(Math.round(set * 1000), 5000);
    assert.equal(measured.backward?.lost, 0);
    const { transmitted, received } = pingSummary(wire, '-f', '-c', '3000', '-W', '1');
    const ping = (100 * (transmitted - received)) / transmitted;
    // ping's own 99.9% interval of 3,000 packets is 1.3 points to each side.
    assert.ok(low !== null && low - 1.3 < ping, `${low} - ${ping}%`);
    assert.ok(high !== null && ping < high + 1.3, `${ping}% - ${high}`);
    const [element] = measured.way;
    const lost = measured.forward?.lost ?? assert.fail();
    assert.ok((element?.droppedPackets ?? 0) >= lost, `${element?.droppedPackets} < ${lost}`);
  });

  test('finds packets that come twice, and damaged ones', async (t) => {
    const egress = { duplicate: { probability: '20%' } };
    const wire = impaired(t, 'c', { egress });
    const { transmitted, duplicates } = pingSummary(wire, '-f', '-c', '1000', '-W', '1');
    assert.ok(Math.abs(duplicates / transmitted - 0.2) < 0.06, `${duplicates}`);
    wire.impair({ egress, ingress: { corrupt: { probability: '20%' } } });
    const measured = await measure(optionsOf(wire, 2000));
    assertNoneDiffers(measured);
    const { forward, backward } = measured;
    assert.ok(forward && backward);
    assert.ok(Math.abs(forward.duplicated / forward.sent - 0.2) < 0.06);
    assert.equal(forward.corrupted, 0);
    assert.ok(Math.abs(backward.corrupted / backward.received - 0.2) < 0.06);
    assert.equal(backward.duplicated, 0);
  });

  test('finds packets that jump the queue', async (t) => {
    const wire = impaired(t, 'r', {
      egress: { delay: { mean: '40ms' }, reorder: { probability: '25%' } },
    });
    const measured = await measure(optionsOf(wire, 2000));
    const { verdict, achieved } = comparison(measured, 'forward', 'reorder');
    assert.notEqual(verdict, 'differs', JSON.stringify(measured));
    assert.ok(achieved !== null && Math.abs(achieved - 25) < 6, `${achieved}%`);
    assert.notEqual(comparison(measured, 'forward', 'delay').verdict, 'differs');
    const order = pingReplies(wire, '-c', '100', '-i', '0.005').map(({ sequence }) => sequence);
    const jumped = order.filter((one, at) => order.slice(at).some((later) => later < one)).length;
    assert.ok(Math.abs(jumped - 25) < 16, `${jumped} of 100 by ping`);
  });

  test('finds a rate by filling the way, as iperf3 does', async (t) => {
    const wire = impaired(t, 'f', { egress: { rate: { rate: '10mbit' } } });
    const measured = await measure(optionsOf(wire, 1000));
    const { verdict, achieved, set } = comparison(measured, 'forward', 'rate');
    // On a busy machine what comes out in bursts makes the interval wide.
    assert.notEqual(verdict, 'differs', JSON.stringify(measured));
    assert.ok(Math.abs(set - 10e6) < 1e4);
    // iperf3 counts data: 1,472 bytes of frames of 1,514.
    const iperf = ((await measuredMbitPerSec(t, wire)) * 1e6 * 1514) / 1472;
    assert.ok(achieved !== null && Math.abs(achieved / iperf - 1) < 0.1, `${achieved}, ${iperf}`);
    const tcp = measured.forward?.tcpBitPerSec ?? assert.fail();
    assert.ok(tcp > 7e6 && tcp <= 10.3e6, `${tcp} bit/s`);
  });

  test('tells that it differs, and that the queue was full, where a queue is too short', async (t) => {
    const wire = impaired(t, 'q', { egress: { delay: { mean: '100ms' }, limitPackets: 5 } });
    const measured = await measure(optionsOf(wire, 1000));
    assert.equal(measured.verdict, 'differs');
    const { verdict, hints } = comparison(measured, 'forward', 'loss');
    assert.equal(verdict, 'differs');
    assert.ok(
      hints.some((hint) => /queue was full .*\/v0 \(5 packets\)/u.test(hint)),
      hints.join('; '),
    );
  });

  test('tells that it differs where somebody else adds to what is set', async (t) => {
    const wire = impaired(t, 'x', { egress: { delay: { mean: '10ms' } } });
    const { impairer, ...other } = makeEngineWire(t, 'y');
    impairer.apply(other.at, { egress: { delay: { mean: '30ms' } } }, undefined);
    const report = wire.impairer.report(wire.at);
    const measured = await measure({
      ...optionsOf({ ...other, impairer }, 1000),
      readWay: () => ({
        forward: [{ report, direction: 'egress' }],
        backward: [],
        isKnown: false,
        foreign: ['netem on host/eth9'],
      }),
    });
    const { verdict, hints } = comparison(measured, 'forward', 'delay');
    assert.equal(verdict, 'differs');
    assert.match(hints.join('\n'), /part of the way is not known[\s\S]*netem on host\/eth9/u);
  });

  test('ends at once when it is aborted, and leaves nothing open', async (t) => {
    const wire = makeEngineWire(t, 'e');
    await measure(optionsOf(wire, 1000));
    const before = openFiles();
    const reason = new Error('enough');
    const begun = performance.now();
    const signal = AbortSignal.timeout(300);
    const aborting = new AbortController();
    signal.addEventListener('abort', () => aborting.abort(reason));
    const measuring = measure({ ...optionsOf(wire, 20_000), signal: aborting.signal });
    await assert.rejects(measuring, { message: 'enough' });
    assert.ok(performance.now() - begun < 3000);
    assert.equal(openFiles(), before);
  });

  test('finds nothing where nothing arrives, and says what to look for', async (t) => {
    const wire = impaired(t, 'z', { egress: { loss: { model: 'random', probability: '100%' } } });
    const measured = await measure(optionsOf(wire, 1000));
    assert.equal(measured.forward?.received, 0);
    assert.equal(
      comparison(measured, 'forward', 'loss').verdict,
      'as set',
      JSON.stringify(measured),
    );
    assert.equal(measured.backward?.lost, 0);
    assert.equal(measured.roundTrip.icmp?.received, 0);
    assert.equal(measured.roundTrip.tcp?.received, 0);
  });
});

describe('measuring to a host that is not ours', () => {
  test('finds round trips, which can be too fast for what is set but not too slow', async (t) => {
    const wire = impaired(t, 'h', {
      egress: { delay: { mean: '30ms' } },
      ingress: { delay: { mean: '10ms' } },
    });
    const ours = optionsOf(wire, 1500);
    const measured = await measure({ ...ours, to: { address: FAR.ipv4, port: 9 } });
    assert.deepEqual([measured.forward, measured.backward], [null, null]);
    const { set, verdict, achieved, by } = comparison(measured, 'round-trip', 'delay');
    assert.deepEqual([set, by], [40, 'icmp']);
    assert.notEqual(verdict, 'differs');
    assert.ok(achieved !== null && Math.abs(achieved - 40) < 3);
    // Nobody listens there: a refusal takes as long.
    const refused = measured.roundTrip.tcp?.delay?.medianMs ?? assert.fail();
    assert.ok(refused > 40 && refused < 60, `${refused} ms`);
  });
});
