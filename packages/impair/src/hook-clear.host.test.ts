import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, type TestContext, test } from 'node:test';
import { type EngineWire, makeEngineWire } from './engine-wire.test-support.ts';
import { until } from './wire.test-support.ts';

/** Counts what v0 receives, and what of it bears the engine's mark. */
const COUNT_MARKS = `table inet count {
  counter every { }
  counter marked { }
  chain prerouting {
    type filter hook prerouting priority -300;
    iifname "v0" counter name every
    iifname "v0" meta mark 0x4e570001 counter name marked
  }
}`;

function waiting({ impairer, at }: EngineWire, way: 'egress' | 'ingress'): number {
  return impairer.report(at)[`${way}Counters`]?.queuedPackets ?? Number.NaN;
}

/** Sends from v0 what then waits there for two minutes; returns how much that is. */
async function fill(t: TestContext, wire: EngineWire): Promise<number> {
  wire.impair({ egress: { delay: { mean: '120s' } } });
  const burst = ['-n', '-q', '-c', '60000', '-l', '60000', '-W', '60', '10.57.0.2'];
  const pings = [1, 2, 3, 4].map(() => wire.near.spawn('ping', burst, { stdio: 'ignore' }));
  const end = (): void => {
    for (const ping of pings) ping.kill();
  };
  t.after(end);
  await until(() => waiting(wire, 'egress') > 80_000, 20_000);
  end();
  return waiting(wire, 'egress');
}

describe('clearing an interface where packets wait', () => {
  test('delivers all of them, and keeps those of other interfaces on time', async (t) => {
    const wire = makeEngineWire(t, 'ca');
    const other = makeEngineWire(t, 'cb');
    const delayed = { egress: { delay: { mean: '10ms' } }, engine: 'userspace' } as const;
    wire.impairer.apply(other.at, delayed, undefined);
    const queued = await fill(t, wire);
    const options = ['-n', '-c', '100', '-i', '0.01', '-W', '5', '10.57.0.2'];
    const ping = other.near.spawn('ping', options, { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => ping.kill());
    let output = '';
    ping.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    await until(() => output.includes('time='));
    const startMs = performance.now();
    wire.impairer.clear(wire.at);
    const tookMs = performance.now() - startMs;
    await until(() => output.includes('transmitted'), 15_000);
    assert.match(output, / 100 received/);
    const times = [...output.matchAll(/time=([\d.]+) ms/g)].map(([, time]) => Number(time));
    assert.ok(Math.max(...times) < 110, `${Math.max(...times)} ms while ${tookMs} ms went by`);
    const [far] = JSON.parse(wire.runFar('ip', '-j', '-s', 'link', 'show', 'v1'));
    assert.ok(far.stats64.rx.packets >= queued, `${far.stats64.rx.packets} of ${queued}`);
    assert.deepEqual(wire.failures, []);
  });

  test("delivers them without the engine's mark, which nobody else is to see", async (t) => {
    const wire = makeEngineWire(t, 'cm');
    const { impairer, at, near, far, run } = wire;
    wire.impair({ ingress: { delay: { mean: '60s' } } });
    const burst = ['-n', '-q', '-c', '20', '-l', '20', '-W', '1', '10.57.0.1'];
    const ping = far.spawn('ping', burst, { stdio: 'ignore' });
    t.after(() => ping.kill());
    await until(() => waiting(wire, 'ingress') === 20);
    near.run(() => execFileSync('nft', ['-f', '-'], { input: COUNT_MARKS }));
    const counted = (name: string): string | undefined =>
      /packets (\d+)/.exec(run('nft', 'list', 'counter', 'inet', 'count', name))?.[1];
    impairer.clear(at);
    await until(() => counted('every') === '20');
    assert.equal(counted('marked'), '0');
  });
});
