import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Direction } from '@netweir/api';
import { breakEngine, type EngineWire, makeEngineWire } from './engine-wire.test-support.ts';
import { pingReplies, pingSummary } from './ping.test-support.ts';
import { refusalOf, until } from './wire.test-support.ts';

const delay: Direction = { delay: { mean: '20ms' } };
const longer: Direction = { delay: { mean: '30ms' } };
const both = { egress: delay, ingress: delay };

/** Has the engine of `wire` impair another wire, too. */
function impairAnother(t: TestContext, wire: EngineWire, suffix: string): EngineWire {
  const other = makeEngineWire(t, suffix);
  wire.impairer.apply(other.at, { ...both, engine: 'userspace' }, undefined);
  return other;
}

function shortest(wire: EngineWire): number {
  const replies = pingReplies(wire, '-c', '5', '-i', '0.01', '-W', '1');
  assert.equal(replies.length, 5);
  return Math.min(...replies.map(({ rttMs }) => rttMs));
}

describe('a TAP that somebody removes', () => {
  test('is lost to its interface alone, which passes its packets and is told of', async (t) => {
    const wire = makeEngineWire(t, 'm');
    const { impairer, at, failures, run } = wire;
    const before = wire.state();
    wire.impair({ egress: delay });
    const other = impairAnother(t, wire, 'mo');
    run('ip', 'link', 'del', `nw${at.ifindex}e`);
    await until(() => failures.length > 0, 1000);
    assert.deepEqual(
      failures.map(({ code }) => code),
      ['engine-failed'],
    );
    assert.match(failures[0]?.message ?? '', new RegExp(`nw${at.ifindex}e .*EBADFD`));
    assert.equal(wire.state(), before);
    assert.ok(shortest(wire) < 15);
    assert.deepEqual(
      impairer.entries().map(({ place }) => place.space),
      [other.at.space],
    );
    assert.ok(shortest(other) >= 40);
    wire.impair({ egress: longer });
    assert.ok(shortest(wire) >= 30);
  });

  test('leaves the other way of its interface at work', async (t) => {
    const wire = makeEngineWire(t, 'mi');
    const { impairer, at, failures, run } = wire;
    wire.impair(both);
    run('ip', 'link', 'del', `nw${at.ifindex}i`);
    await until(() => failures.length > 0, 1000);
    const { egress, ingress } = impairer.report(at);
    assert.deepEqual([egress, ingress], [delay, null]);
    assert.deepEqual(
      impairer.entries().map(({ setting }) => setting.egress),
      [delay],
    );
    const rttMs = shortest(wire);
    assert.ok(rttMs >= 20 && rttMs < 35, `${rttMs} ms`);
    assert.equal(run('tc', 'filter', 'show', 'dev', 'v0', 'ingress'), '');
  });
});

describe("the engine's thread", () => {
  test('that dies leaves traffic unimpaired at once, tells so, and has a successor', async (t) => {
    const wire = makeEngineWire(t, 'th');
    const { impairer, at, failures } = wire;
    const before = wire.state();
    wire.impair(both);
    breakEngine();
    // The packet that needs the timer is lost with the thread.
    pingSummary(wire, '-c', '1', '-W', '1');
    await until(() => failures.length > 0, 1000);
    assert.equal(failures[0]?.code, 'engine-failed');
    assert.ok(shortest(wire) < 15);
    const { egress, ingress } = impairer.report(at);
    assert.deepEqual([egress, ingress], [null, null]);
    wire.impair({ egress: longer });
    assert.ok(shortest(wire) >= 30);
    impairer.clear(at);
    assert.equal(wire.state(), before);
  });

  test('that is dying is not taken for another process', async (t) => {
    const wire = makeEngineWire(t, 'ti');
    wire.impair(both);
    breakEngine();
    // It dies while this thread waits, which hears of it only later.
    pingSummary(wire, '-c', '1', '-W', '1');
    assert.deepEqual(wire.failures, []);
    for (let attempt = 0; attempt < 2; attempt++) {
      assert.equal(refusalOf(() => wire.impair({ egress: longer })).code, 'engine-failed');
    }
    wire.impairer.leave(wire.near.key, wire.at.ifindex);
    await until(() => wire.failures.length > 0, 1000);
    wire.impair({ egress: longer });
    assert.ok(shortest(wire) >= 30);
  });
});
