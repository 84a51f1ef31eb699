import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { isNetweirError, type ProbeSample } from '@netweir/api';
import { NetworkNamespace, setLinkDown, setLinkUp } from '@netweir/kernel';
import { FAR, makeWire, until, type Wire } from '../wire.test-support.ts';
import { EchoProber } from './echo-probe.ts';

const INTERVAL_MS = 50;
const FAR_IPV6 = 'fd57::2';

function makeDualWire(t: TestContext, suffix: string): Wire {
  const wire = makeWire(t, suffix);
  wire.run('ip', 'addr', 'add', 'fd57::1/64', 'dev', 'v0', 'nodad');
  wire.runFar('ip', 'addr', 'add', `${FAR_IPV6}/64`, 'dev', 'v1', 'nodad');
  return wire;
}

/** Samples of a probe from the near end of a wire, and how to end it. */
function probe(
  prober: EchoProber,
  { near }: Pick<Wire, 'near'>,
  address: string,
): { samples: ProbeSample[]; stop: () => void } {
  const samples: ProbeSample[] = [];
  const stop = prober.start({
    namespace: near,
    address,
    intervalMs: INTERVAL_MS,
    onSample: (sample) => samples.push(sample),
  });
  return { samples, stop };
}

function makeProber(t: TestContext): EchoProber {
  const prober = new EchoProber();
  t.after(() => prober.close());
  return prober;
}

function openFiles(): number {
  return readdirSync('/proc/self/fd').length;
}

describe('EchoProber', () => {
  for (const address of [FAR.ipv4, FAR_IPV6]) {
    test(`measures round trips to ${address} that are short and not zero`, async (t) => {
      const { samples } = probe(makeProber(t), makeDualWire(t, 'm'), address);
      const before = Date.now();
      await until(() => samples.length >= 10);
      const times = samples.map(({ rttMs }) => rttMs ?? assert.fail('lost'));
      assert.ok(times.every((rttMs) => rttMs > 0));
      // The median: a busy machine may keep any one of them waiting.
      const median = times.toSorted((a, b) => a - b)[5] ?? assert.fail();
      assert.ok(median < 5, `${times}`);
      assert.ok(samples.every(({ sentAtMs }) => sentAtMs >= before && sentAtMs <= Date.now()));
    });
  }

  test('the first sample of all is not late because its thread had to start', async (t) => {
    const { samples } = probe(makeProber(t), makeWire(t, 'f'), FAR.ipv4);
    await until(() => samples.length >= 1);
    assert.ok((samples[0]?.rttMs ?? 1000) < 20, `${samples[0]?.rttMs} ms`);
  });

  test('a busy event loop does not lengthen what is measured', async (t) => {
    const { samples } = probe(makeProber(t), makeWire(t, 'b'), FAR.ipv4);
    await until(() => samples.length >= 1);
    const seen = samples.length;
    // An echo is sent in a turn of the loop; its reply arrives while the loop is kept busy.
    const busy = setInterval(() => {
      const end = performance.now() + 30;
      while (performance.now() < end);
    }, 5);
    t.after(() => clearInterval(busy));
    await until(() => samples.length >= seen + 10);
    const least = Math.min(...samples.slice(seen).map(({ rttMs }) => rttMs ?? 1000));
    assert.ok(least < 5, `${least} ms`);
  });

  test('two probes of one thread do not take each other for themselves', async (t) => {
    const prober = makeProber(t);
    const wire = makeWire(t, 'two');
    const [one, two] = [probe(prober, wire, FAR.ipv4), probe(prober, wire, FAR.ipv4)];
    await until(() => one.samples.length >= 4 && two.samples.length >= 4);
    one.stop();
    const { length } = one.samples;
    await until(() => two.samples.length >= 8);
    assert.equal(one.samples.length, length);
    assert.ok(two.samples.every(({ rttMs }) => rttMs !== null));
  });

  test('an address that nobody has gives null', async (t) => {
    const { samples } = probe(makeProber(t), makeWire(t, 'n'), '10.57.0.99');
    await until(() => samples.length >= 3);
    assert.ok(samples.every(({ rttMs }) => rttMs === null));
  });

  test('a link that goes down gives null, and round trips again when it is up', async (t) => {
    const wire = makeWire(t, 'd');
    const { samples } = probe(makeProber(t), wire, FAR.ipv4);
    const { ifindex } = wire.at;
    await until(() => samples.some(({ rttMs }) => rttMs !== null));
    wire.netlink.request(setLinkDown({ ifindex }));
    await until(() => samples.at(-1)?.rttMs === null);
    wire.netlink.request(setLinkUp({ ifindex }));
    await until(() => typeof samples.at(-1)?.rttMs === 'number');
  });

  test('an address without a route is refused with the kernel as the cause', (t) => {
    const { near } = makeWire(t, 'r');
    const refused = (error: unknown): boolean =>
      isNetweirError(error) && error.message.includes('ENETUNREACH');
    assert.throws(() => probe(makeProber(t), { near }, '192.0.2.1'), refused);
  });

  test('closing closes every descriptor, also before the thread runs', async (t) => {
    using _warm = NetworkNamespace.anonymous();
    const first = new EchoProber();
    const wire = makeDualWire(t, 'c');
    probe(first, wire, FAR.ipv4);
    await first.close();
    const before = openFiles();
    const prober = new EchoProber();
    const ended = probe(prober, wire, FAR.ipv4);
    probe(prober, wire, FAR_IPV6);
    await until(() => ended.samples.length >= 1);
    ended.stop();
    await prober.close();
    assert.equal(openFiles(), before);
    const early = new EchoProber();
    const { samples } = probe(early, wire, FAR.ipv4);
    await early.close();
    assert.equal(openFiles(), before);
    assert.deepEqual(samples, []);
  });
});
