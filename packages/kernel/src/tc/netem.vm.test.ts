import assert from 'node:assert/strict';
import { release } from 'node:os';
import { describe, test } from 'node:test';
import { KernelError } from '../errors.ts';
import { type Netem, neutralNetem } from './netem.ts';
import { netemDistribution } from './netem-distribution.ts';
import { fractionToProbability } from './psched.ts';
import { addQdisc, changeQdisc, replaceQdisc } from './qdisc.ts';
import { handle, TC_H_ROOT } from './tcmsg.ts';
import { makeWire, type Wire } from './witness.test-support.ts';

const p = fractionToProbability;
const { rate, slot, correlation } = neutralNetem;
const delay = { latencyNs: 100_000_000 };
const shownDelay = { delay: 0.1, jitter: 0, correlation: 0 };
const shownRate = { packetoverhead: 0, cellsize: 0, celloverhead: 0 };
const shownSlot = { packets: 0, bytes: 0 };

/** What is set, and what tc shows beside the limit, ecn and gap of a neutral netem. */
const parameters: Record<string, [Partial<Netem>, Record<string, unknown>]> = {
  delay: [delay, { delay: shownDelay }],
  // iproute2 before 6.9 reads the ticks, which end at 274.878 s; what we read back is exact.
  'a delay beyond the range of ticks': [
    { latencyNs: 600e9 },
    { delay: { ...shownDelay, delay: 274.878 } },
  ],
  'jitter and its correlation': [
    { ...delay, jitterNs: 10_000_000, correlation: { ...correlation, delay: p(0.25) } },
    { delay: { delay: 0.1, jitter: 0.01, correlation: 0.25 } },
  ],
  limit: [{ limit: 5000 }, { limit: 5000 }],
  'random loss and its correlation': [
    {
      loss: { model: 'random', probability: p(0.1) },
      correlation: { ...correlation, loss: p(0.25) },
    },
    { 'loss-random': { loss: 0.1, correlation: 0.25 } },
  ],
  'Gilbert-Elliott loss': [
    { loss: { model: 'gilbert-elliott', p: p(0.01), r: p(0.1), h: p(0.3), k1: p(0.001) } },
    { 'loss-gemodel': { p: 0.01, r: 0.1, '1-h': 0.7, '1-k': 0.001 } },
  ],
  'loss of four states': [
    {
      loss: {
        model: 'state',
        p13: p(0.01),
        p31: p(0.9),
        p32: p(0.05),
        p14: p(0.005),
        p23: p(0.99),
      },
    },
    { 'loss-state': { p13: 0.01, p31: 0.9, p32: 0.05, p23: 0.99, p14: 0.005 } },
  ],
  'duplicate and its correlation': [
    { duplicate: p(0.01), correlation: { ...correlation, duplicate: p(0.1) } },
    { duplicate: { duplicate: 0.01, correlation: 0.1 } },
  ],
  'reorder and gap': [
    { ...delay, gap: 5, reorder: { probability: p(0.25), correlation: p(0.5) } },
    { delay: shownDelay, gap: 5, reorder: { reorder: 0.25, correlation: 0.5 } },
  ],
  corrupt: [
    { corrupt: { probability: p(0.01), correlation: p(0.1) } },
    { corrupt: { corrupt: 0.01, correlation: 0.1 } },
  ],
  'rate, overhead and cells': [
    { rate: { bytesPerSecond: 625, packetOverhead: -20, cellSize: 100, cellOverhead: 5 } },
    { rate: { rate: 625, packetoverhead: -20, cellsize: 100, celloverhead: 5 } },
  ],
  'a rate of 64 bits': [
    { rate: { ...rate, bytesPerSecond: 12_500_000_000 } },
    { rate: { ...shownRate, rate: 12_500_000_000 } },
  ],
  'a rate of 32 bits after it': [
    { rate: { ...rate, bytesPerSecond: 125_000 } },
    { rate: { ...shownRate, rate: 125_000 } },
  ],
  ecn: [
    { ecn: true, loss: { model: 'random', probability: p(0.05) } },
    { ecn: true, 'loss-random': { loss: 0.05, correlation: 0 } },
  ],
  'slots between two delays': [
    {
      slot: {
        ...slot,
        minDelayNs: 800_000,
        maxDelayNs: 1_000_000,
        maxPackets: 32,
        maxBytes: 65_536,
      },
    },
    { slot: { 'min-delay': 0.0008, 'max-delay': 0.001, packets: 32, bytes: 65_536 } },
  ],
  'slots by distribution': [
    { slot: { ...slot, distDelayNs: 1_000_000, distJitterNs: 100_000 } },
    { slot: { ...shownSlot, distribution: 0.001, jitter: 0.0001 } },
  ],
};

const everything: Netem = {
  ...neutralNetem,
  latencyNs: 50_000_000,
  jitterNs: 5_000_000,
  limit: 77,
  loss: { model: 'gilbert-elliott', p: 1, r: 2, h: 3, k1: 4 },
  gap: 5,
  duplicate: 6,
  correlation: { delay: 7, loss: 8, duplicate: 9 },
  reorder: { probability: 10, correlation: 11 },
  corrupt: { probability: 12, correlation: 13 },
  rate: { bytesPerSecond: 2 ** 33, packetOverhead: 14, cellSize: 48, cellOverhead: 5 },
  ecn: true,
  slot: { ...slot, minDelayNs: 1, maxDelayNs: 2, maxPackets: 3, maxBytes: 4 },
};

/** The state that the kernel reports, but for the seed, which is random unless set. */
function state({ qdiscs }: Wire): Netem {
  const options = qdiscs()[0]?.options;
  assert.ok(options?.kind === 'netem');
  const { seed: _, ...rest } = options;
  return rest;
}

describe('netem on a stock kernel', () => {
  test('tc shows every parameter as it was set, and we read it back', (t) => {
    const wire = makeWire(t, 'par');
    const { space, root, tc } = wire;
    const place = { ...root, handle: handle(0x4e57) };
    for (const [name, [change, shown]] of Object.entries(parameters)) {
      const netem = { ...neutralNetem, ...change };
      space.socket.request(replaceQdisc(place, netem));
      const [qdisc] = tc();
      assert.equal(qdisc?.handle, '4e57:', name);
      assert.deepEqual(qdisc.options, { limit: 1000, ecn: false, gap: 0, ...shown }, name);
      assert.deepEqual(state(wire), netem, name);
    }
  });

  test('a change from everything to a delay leaves nothing behind and keeps the handle', (t) => {
    const wire = makeWire(t, 'chg');
    const { space, root, tc } = wire;
    space.socket.request(addQdisc({ ...root, handle: handle(0x4e57) }, everything));
    assert.deepEqual(state(wire), everything);
    space.socket.request(changeQdisc(root, { ...neutralNetem, ...delay }));
    const [qdisc] = tc();
    assert.equal(qdisc?.handle, '4e57:');
    assert.deepEqual(qdisc.options, { limit: 1000, ecn: false, gap: 0, delay: shownDelay });
    assert.deepEqual(state(wire), { ...neutralNetem, ...delay });
  });

  test('a distribution decides the delays, and the uniform one takes its place', (t) => {
    const { space } = makeWire(t, 'dst');
    space.run('ip', 'link', 'set', 'lo', 'up');
    const lo = { ifindex: 1, parent: TC_H_ROOT, target: 'lo' };
    const jitter = { ...neutralNetem, latencyNs: 30_000_000, jitterNs: 10_000_000 };
    const set = (delayDistribution: Int16Array) =>
      space.socket.request(replaceQdisc(lo, { ...jitter, delayDistribution }));
    // Only minima are judged: a busy machine may send any packet late, but none early.
    const leastRoundTripMs = () => {
      const output = space.run('ping', '-q', '-n', '-c', '20', '-i', '0.05', '127.0.0.1');
      return Number(/= ([\d.]+)\//.exec(output)?.[1]);
    };
    // One entry of one deviation: every delay is 30 + 10 ms, and a round trip passes lo twice.
    set(Int16Array.of(8192));
    const constant = leastRoundTripMs();
    assert.ok(constant >= 80 && constant < 90, `${constant} ms`);
    // 20 to 40 ms each way. 20 round trips without one below 70 have a chance under 1 in 1e9.
    set(netemDistribution('uniform'));
    const uniform = leastRoundTripMs();
    assert.ok(uniform >= 40 && uniform < 75, `${uniform} ms`);
  });

  test('every distribution is accepted', (t) => {
    const { space, root, tc } = makeWire(t, 'tab');
    for (const name of ['normal', 'pareto', 'paretonormal'] as const) {
      const delayDistribution = netemDistribution(name);
      const netem = { ...neutralNetem, ...delay, jitterNs: 10_000_000, delayDistribution };
      space.socket.request(replaceQdisc(root, netem));
      assert.deepEqual(tc()[0]?.options.delay, { ...shownDelay, jitter: 0.01 });
    }
  });

  test('a seed is read back, from Linux 6.6 on; older kernels pass it over', (t) => {
    const { space, root, qdiscs } = makeWire(t, 'sed');
    const seed = 0xfeed_face_cafe_beefn;
    space.socket.request(replaceQdisc(root, { ...neutralNetem, seed }));
    const options = qdiscs()[0]?.options;
    assert.ok(options?.kind === 'netem');
    const [major = 0, minor = 0] = release().split('.').map(Number);
    const hasSeeds = major > 6 || (major === 6 && minor >= 6);
    assert.equal(options.seed, hasSeeds ? seed : undefined);
  });

  test('the kernel says why it refuses slots whose least delay exceeds the greatest', (t) => {
    const { space, root } = makeWire(t, 'err');
    const wrong = { ...neutralNetem, slot: { ...slot, minDelayNs: 2, maxDelayNs: 1 } };
    assert.throws(
      () => space.socket.request(addQdisc(root, wrong)),
      (error) =>
        error instanceof KernelError &&
        error.errnoName === 'EINVAL' &&
        error.message.includes('slot min delay greater than max delay'),
    );
  });

  test('prio and fq_codel are as tc shows them', (t) => {
    const { space, root, tc, qdiscs } = makeWire(t, 'pri');
    const priomap = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];
    const fqCodel = { kind: 'fq_codel', limit: 1000, flows: 512, quantumBytes: 1514 } as const;
    const child = { ...root, parent: handle(1, 1), handle: handle(0x10) };
    const results = space.socket.batch([
      addQdisc({ ...root, handle: handle(1) }, { kind: 'prio', bands: 4, priomap }),
      addQdisc(child, { ...fqCodel, ecn: true, memoryLimitBytes: 1_000_000, dropBatchSize: 32 }),
    ]);
    assert.deepEqual(results, [undefined, undefined]);
    const [prio, fq] = tc();
    assert.deepEqual(prio?.options, { bands: 4, priomap, multiqueue: false });
    assert.deepEqual(
      [fq?.parent, fq?.options.limit, fq?.options.flows, fq?.options.quantum, fq?.options.ecn],
      ['1:1', 1000, 512, 1514, true],
    );
    assert.deepEqual([fq?.options.memory_limit, fq?.options.drop_batch], [1_000_000, 32]);
    assert.deepEqual(qdiscs()[0]?.options, { kind: 'prio', bands: 4, priomap });
  });
});
