import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Direction } from '@netweir/api';
import { pingReplies } from '../ping.test-support.ts';
import { makeWire, type Wire } from '../wire.test-support.ts';
import { assertNoneDiffers, comparison, optionsOf } from './measure.test-support.ts';
import { type Measured, measure } from './measure.ts';

/** A wire of which what the near end sends is impaired by the kernel. */
function impaired(t: TestContext, suffix: string, egress: Direction): Wire {
  const wire = makeWire(t, suffix);
  wire.impairer.apply(wire.at, egress, undefined);
  return wire;
}

interface TcCounters {
  readonly kind: string;
  readonly drops: number;
}

/** What tc has counted. */
function counted({ run }: Wire): TcCounters {
  const [root] = JSON.parse(run('tc', '-s', '-j', 'qdisc', 'show', 'dev', 'v0', 'root'));
  return root;
}

function assertNear(value: number | null | undefined, expected: number, tolerance: number): void {
  const isNear = typeof value === 'number' && Math.abs(value - expected) <= tolerance;
  assert.ok(isNear, `${value}, not ${expected} ± ${tolerance}`);
}

const way = (measured: Measured): NonNullable<Measured['forward']> =>
  measured.forward ?? assert.fail('both ends are ours');

describe('measuring what netem does', () => {
  test('finds a delay with jitter, in the direction that it is in, as ping does', async (t) => {
    const delay = { mean: '60ms', jitter: '9ms', distribution: 'normal' } as const;
    const wire = impaired(t, 'd', { delay });
    const measured = await measure(optionsOf(wire, 3000));
    assertNoneDiffers(measured);
    assertNear(comparison(measured, 'forward', 'jitter').set, 9, 0.2);
    assert.ok((measured.backward?.delay?.medianMs ?? 60) < 20);
    const pings = pingReplies(wire, '-c', '100', '-i', '0.01').map(({ rttMs }) => rttMs);
    const ping = pings.toSorted((a, b) => a - b)[50] ?? assert.fail();
    assertNear(way(measured).delay?.medianMs, ping, 8);
  });

  test('finds loss, which is what tc counts as drops', async (t) => {
    const wire = impaired(t, 'l', { loss: { model: 'random', probability: '5%' } });
    const before = counted(wire);
    assert.equal(before.kind, 'netem');
    const measured = await measure(optionsOf(wire, 4000));
    assertNoneDiffers(measured);
    // Echoes and connections are lost there, too.
    const drops = counted(wire).drops - before.drops;
    const { lost } = way(measured);
    assert.ok(drops >= lost && drops <= lost + 30, `${drops} drops, ${lost} lost`);
    assert.equal(measured.way[0]?.droppedPackets, drops);
  });

  test('finds bursts of loss with an interval that allows for them', async (t) => {
    const wire = impaired(t, 'g', { loss: { model: 'gilbert-elliott', p: '2%', r: '20%' } });
    const measured = await measure(optionsOf(wire, 5000));
    const { set, low, high, verdict } = comparison(measured, 'forward', 'loss');
    assertNear(set, 100 / 11, 0.01);
    assert.notEqual(verdict, 'differs');
    assert.ok(low !== null && high !== null && low < set && set < high);
    // Independent losses would give 3 points.
    assert.ok(high - low > 3.5, `${low} - ${high}`);
  });

  test('finds packets that come twice, jump the queue and are damaged', async (t) => {
    const wire = impaired(t, 'o', {
      delay: { mean: '40ms' },
      reorder: { probability: '25%' },
      corrupt: { probability: '10%' },
    });
    const measured = await measure(optionsOf(wire, 3000));
    assertNoneDiffers(measured);
    assertNear(comparison(measured, 'forward', 'reorder').achieved, 25, 6);
    assertNear(comparison(measured, 'forward', 'corrupt').achieved, 10, 4);
    wire.impairer.apply(wire.at, { duplicate: { probability: '20%' } }, undefined);
    const twice = await measure(optionsOf(wire, 3000));
    assertNoneDiffers(twice);
    assertNear(comparison(twice, 'forward', 'duplicate').achieved, 20, 5);
  });

  test('finds a rate', async (t) => {
    const wire = impaired(t, 'f', { rate: { rate: '4mbit' }, delay: { mean: '5ms' } });
    const measured = await measure(optionsOf(wire, 1000));
    const { achieved, set, verdict } = comparison(measured, 'forward', 'rate');
    assertNear(set, 4e6, 1e4);
    assertNear(achieved, 4e6, 2e5);
    assert.notEqual(verdict, 'differs');
    assert.ok(way(measured).udpBitPerSec === Math.round(achieved ?? 0));
  });

  test('tells of a queue that is too short for the delay', async (t) => {
    const wire = impaired(t, 'q', { delay: { mean: '100ms' }, limitPackets: 10 });
    const measured = await measure(optionsOf(wire, 1500));
    assert.equal(measured.verdict, 'differs');
    const { verdict, hints } = comparison(measured, 'forward', 'loss');
    assert.equal(verdict, 'differs');
    assert.match(hints.join('\n'), /queue was full.*\(10 packets\)/u);
    assert.ok(counted(wire).drops > 0);
  });
});
