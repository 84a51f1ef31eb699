import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Direction } from '@netweir/api';
import { probeMirred } from './capability/abilities.ts';
import { breakEngine, type EngineWire, makeEngineWire } from './engine-wire.test-support.ts';
import { pingReplies, pingSummary } from './ping.test-support.ts';
import { refusalOf, until } from './wire.test-support.ts';

const delay: Direction = { delay: { mean: '20ms' } };
const longer: Direction = { delay: { mean: '30ms' } };

function shortest(wire: EngineWire): number {
  const replies = pingReplies(wire, '-c', '5', '-i', '0.01', '-W', '1');
  assert.equal(replies.length, 5);
  return Math.min(...replies.map(({ rttMs }) => rttMs));
}

function assertShortest(wire: EngineWire, ms: number): void {
  const found = shortest(wire);
  assert.ok(found >= ms && found < ms + 15, `${found} ms instead of ${ms}`);
}

describe('the userspace engine without BPF programs', () => {
  test('delays what is sent, and leaves no trace', (t) => {
    assert.ok(probeMirred());
    const wire = makeEngineWire(t, 'ua', 'mirred');
    const before = wire.state();
    wire.impair({ egress: delay });
    assertShortest(wire, 20);
    const { egress, egressMechanism, egressCounters } = wire.impairer.report(wire.at);
    assert.deepEqual([egress, egressMechanism], [delay, 'userspace']);
    assert.ok((egressCounters?.sentPackets ?? 0) >= 5);
    const [filter] = JSON.parse(wire.run('tc', '-j', 'filter', 'show', 'dev', 'v0', 'egress'));
    assert.equal(filter.kind, 'u32');
    wire.impair({ egress: longer });
    assertShortest(wire, 30);
    wire.impairer.clear(wire.at);
    assert.equal(wire.state(), before);
    assertShortest(wire, 0);
  });

  test('refuses what is received, and changes nothing then', (t) => {
    const wire = makeEngineWire(t, 'ub', 'mirred');
    wire.impair({ egress: delay });
    const before = wire.state();
    const { code, remedy } = refusalOf(() => wire.impair({ egress: longer, ingress: delay }));
    assert.equal(code, 'kernel-lacks-feature');
    assert.match(remedy ?? '', /egress alone/);
    assert.equal(wire.state(), before);
    assertShortest(wire, 20);
  });

  test('is taken off its interfaces when its thread dies, and told of', async (t) => {
    const wire = makeEngineWire(t, 'uc', 'mirred');
    const before = wire.state();
    wire.impair({ egress: delay });
    breakEngine();
    pingSummary(wire, '-c', '1', '-W', '1');
    await until(() => wire.failures.length > 0, 1000);
    assert.equal(wire.failures[0]?.code, 'engine-failed');
    assert.equal(wire.state(), before);
    assertShortest(wire, 0);
    wire.impair({ egress: longer });
    assertShortest(wire, 30);
  });

  test('is taken off an interface whose TAP somebody removes', async (t) => {
    const wire = makeEngineWire(t, 'ud', 'mirred');
    const before = wire.state();
    wire.impair({ egress: delay });
    wire.run('ip', 'link', 'del', `nw${wire.at.ifindex}e`);
    await until(() => wire.failures.length > 0, 1000);
    assert.equal(wire.state(), before);
    assertShortest(wire, 0);
  });
});
