import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Direction, isNetweirError } from '@netweir/api';
import { pingSummary } from './ping.test-support.ts';
import { makeWire, realAbilities, refusalOf } from './wire.test-support.ts';

const delay: Direction = { delay: { mean: '100ms' } };
const shownDelay = { delay: 0.1, jitter: 0, correlation: 0 };
const shownRate = { packetoverhead: 0, cellsize: 0, celloverhead: 0 };
const shownSlot = { packets: 0, bytes: 0 };

/** What is set, and what tc shows of it beside what it shows of any netem. */
const parameters: Record<string, [Direction, Record<string, unknown>]> = {
  delay: [delay, { limit: 100_000, delay: shownDelay }],
  'jitter and correlation': [
    { delay: { mean: '100ms', jitter: '10ms', correlation: '25%' } },
    { limit: 140_000, delay: { delay: 0.1, jitter: 0.01, correlation: 0.25 } },
  ],
  'a normal distribution': [
    { delay: { mean: '100ms', jitter: '10ms', distribution: 'normal' } },
    { limit: 140_000, delay: { delay: 0.1, jitter: 0.01, correlation: 0 } },
  ],
  'a queue limit': [
    { ...delay, limitPackets: 77 },
    { limit: 77, delay: shownDelay },
  ],
  'random loss': [
    { loss: { model: 'random', probability: '10%', correlation: '25%' } },
    { 'loss-random': { loss: 0.1, correlation: 0.25 } },
  ],
  'Gilbert-Elliott loss': [
    {
      loss: {
        model: 'gilbert-elliott',
        p: '1%',
        r: '10%',
        lossInBad: '70%',
        lossInGood: '0.1%',
      },
    },
    { 'loss-gemodel': { p: 0.01, r: 0.1, '1-h': 0.7, '1-k': 0.001 } },
  ],
  'loss of four states': [
    { loss: { model: 'state', p13: '1%', p31: '90%', p32: '5%', p23: '99%', p14: '0.5%' } },
    { 'loss-state': { p13: 0.01, p31: 0.9, p32: 0.05, p23: 0.99, p14: 0.005 } },
  ],
  duplicate: [
    { duplicate: { probability: '1%', correlation: '10%' } },
    { duplicate: { duplicate: 0.01, correlation: 0.1 } },
  ],
  corrupt: [
    { corrupt: { probability: '1%', correlation: '10%' } },
    { corrupt: { corrupt: 0.01, correlation: 0.1 } },
  ],
  'reorder and gap': [
    { ...delay, reorder: { probability: '25%', correlation: '50%', gap: 5 } },
    { limit: 100_000, delay: shownDelay, gap: 5, reorder: { reorder: 0.25, correlation: 0.5 } },
  ],
  'reorder without a gap': [
    { ...delay, reorder: { probability: '25%' } },
    { limit: 100_000, delay: shownDelay, gap: 1, reorder: { reorder: 0.25, correlation: 0 } },
  ],
  'rate, overhead and cells': [
    {
      rate: {
        rate: '10mbit',
        packetOverheadBytes: -20,
        cellBytes: 100,
        cellOverheadBytes: 5,
      },
    },
    { rate: { rate: 1_250_000, packetoverhead: -20, cellsize: 100, celloverhead: 5 } },
  ],
  'a rate of 64 bits': [
    { rate: { rate: '100gbit' } },
    { rate: { ...shownRate, rate: 12_500_000_000 } },
  ],
  'slots between two delays': [
    { slot: { minDelay: '800us', maxDelay: '1ms', maxPackets: 32, maxBytes: 65_536 } },
    { slot: { 'min-delay': 0.0008, 'max-delay': 0.001, packets: 32, bytes: 65_536 } },
  ],
  'slots by distribution': [
    { slot: { distribution: 'pareto', delay: '1ms', jitter: '100us' } },
    { limit: 1400, slot: { ...shownSlot, distribution: 0.001, jitter: 0.0001 } },
  ],
  ecn: [
    { loss: { model: 'random', probability: '5%' }, ecn: true },
    { ecn: true, 'loss-random': { loss: 0.05, correlation: 0 } },
  ],
};

const everything: Direction = {
  delay: { mean: '50ms', jitter: '5ms', correlation: '1%', distribution: 'paretonormal' },
  loss: { model: 'random', probability: '2%', correlation: '3%' },
  duplicate: { probability: '4%', correlation: '5%' },
  corrupt: { probability: '6%', correlation: '7%' },
  reorder: { probability: '8%', correlation: '9%', gap: 3 },
  rate: { rate: '50gbit', packetOverheadBytes: 14, cellBytes: 48, cellOverheadBytes: 5 },
  limitPackets: 77,
  slot: { distribution: 'normal', delay: '1ms', jitter: '100us', maxPackets: 32, maxBytes: 9000 },
  ecn: true,
};

describe('netem by apply', () => {
  test('tc shows every parameter as it was set, and so does the report', (t) => {
    const { impairer, at, shownOptions } = makeWire(t, 'p');
    for (const [name, [direction, shown]] of Object.entries(parameters)) {
      const report = impairer.apply(at, direction, undefined);
      assert.deepEqual(report.egress, direction, name);
      assert.equal(report.mechanism, 'netem');
      const { kind, handle, options } = shownOptions();
      assert.deepEqual([kind, handle], ['netem', '4e57:']);
      assert.deepEqual(options, { limit: 1000, ecn: false, gap: 0, ...shown }, name);
    }
    assert.equal(impairer.entries().length, 1);
  });

  test('a change from everything to a delay leaves nothing behind and keeps the qdisc', (t) => {
    const wire = makeWire(t, 'c');
    const { impairer, at, shownOptions } = wire;
    const report = impairer.apply(at, everything, undefined);
    assert.deepEqual(report.egress, everything);
    pingSummary(wire, '-f', '-c', '20', '-W', '1');
    const sent = impairer.report(at).counters?.sentPackets ?? 0;
    assert.ok(sent > 0);
    const changed = impairer.apply(at, delay, undefined);
    assert.deepEqual(changed.egress, delay);
    assert.deepEqual(shownOptions(), {
      kind: 'netem',
      handle: '4e57:',
      options: { limit: 100_000, ecn: false, gap: 0, delay: shownDelay },
    });
    // A qdisc that was deleted and made anew would count from zero.
    assert.ok((changed.counters?.sentPackets ?? 0) >= sent);
    assert.deepEqual(pingSummary(wire, '-i', '0.01', '-c', '100', '-W', '1'), {
      transmitted: 100,
      received: 100,
      duplicates: 0,
    });
  });

  test('a change in place loses no packet that is under way', async (t) => {
    const wire = makeWire(t, 'w');
    const { impairer, at, near } = wire;
    impairer.apply(at, { delay: { mean: '150ms' } }, undefined);
    const ping = near.spawn(
      'ping',
      ['-n', '-q', '-c', '100', '-i', '0.01', '-W', '2', '10.57.0.2'],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    t.after(() => ping.kill());
    let output = '';
    ping.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    let changes = 0;
    const changing = setInterval(() => {
      changes++;
      const mean = `${100 + (changes % 2) * 100}ms`;
      impairer.apply(at, { delay: { mean }, rate: { rate: '1gbit' } }, undefined);
    }, 50);
    await new Promise((resolve) => ping.once('close', resolve));
    clearInterval(changing);
    assert.ok(changes > 5, `${changes} changes`);
    assert.match(output, /100 packets transmitted, 100 received/);
  });

  test('a seed is kept, or refused with nothing changed where the kernel has none', (t) => {
    const { impairer, at, shown } = makeWire(t, 's');
    const before = shown();
    if (realAbilities().netemSeed) {
      assert.equal(impairer.apply(at, { ...delay, seed: '7' }, undefined).egress?.seed, '7');
      assert.equal(impairer.apply(at, delay, undefined).egress?.seed, undefined);
    } else {
      const error = refusalOf(() => impairer.apply(at, { ...delay, seed: '7' }, undefined));
      assert.equal(error.code, 'kernel-lacks-feature');
      assert.equal(shown(), before);
      assert.deepEqual(impairer.entries(), []);
    }
  });
});

/** tc commands that make an original; what they leave must be there again after clearing. */
const originals: Record<string, string[]> = {
  'fq_codel with options': [
    'qdisc add dev v0 root handle 8: fq_codel limit 999 flows 256 quantum 1000 target 7ms interval 70ms noecn ce_threshold 9ms memory_limit 1mb drop_batch 32',
  ],
  sfq: ['qdisc add dev v0 root handle 8: sfq perturb 10 quantum 3000 limit 100 divisor 512'],
  fq: ['qdisc add dev v0 root handle 8: fq limit 5000 flow_limit 50 quantum 3000 maxrate 50mbit'],
  codel: ['qdisc add dev v0 root handle 8: codel limit 500 target 9ms interval 90ms ecn'],
  cake: [
    'qdisc add dev v0 root handle 8: cake bandwidth 20mbit diffserv8 dual-srchost nat rtt 50ms overhead 18 mpu 64 ack-filter',
  ],
  'prio with children': [
    'qdisc add dev v0 root handle 1: prio bands 4 priomap 1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 3',
    'qdisc add dev v0 parent 1:1 handle 10: sfq',
    'qdisc add dev v0 parent 1:3 handle 30: tbf rate 2mbit burst 5k limit 20k',
    'qdisc add dev v0 parent 30:1 handle 31: pfifo limit 33',
  ],
  'htb below a band of prio': [
    'qdisc add dev v0 root handle 1: prio',
    'qdisc add dev v0 parent 1:2 handle 2: htb default 7',
    'class add dev v0 parent 2: classid 2:7 htb rate 5mbit ceil 6mbit',
    'qdisc add dev v0 parent 2:7 handle 20: fq_codel',
  ],
  'htb with a foreign netem in its leaf': [
    'qdisc add dev v0 root handle 1: htb default 10',
    'class add dev v0 parent 1: classid 1:10 htb rate 5mbit',
    'qdisc add dev v0 parent 1:10 handle 10: netem delay 20ms loss gemodel 1% 10% 70% 0.1% limit 500',
  ],
  'a foreign netem': [
    'qdisc add dev v0 root handle 8: netem delay 10ms loss 1% 25% corrupt 0.5% reorder 5% 10% gap 4 rate 10mbit 14 48 5 slot 1ms 2ms packets 9',
  ],
};

describe('clearing on a stock kernel', () => {
  for (const [index, [name, commands]] of Object.entries(originals).entries()) {
    test(`puts back ${name} exactly`, (t) => {
      const { impairer, at, tc, shown } = makeWire(t, `o${index}`);
      tc(...commands);
      const before = shown();
      impairer.apply(at, delay, undefined);
      assert.notEqual(shown(), before);
      impairer.clear(at);
      assert.equal(shown(), before);
      assert.deepEqual(impairer.entries(), []);
    });
  }

  test('puts back a foreign netem from under one of ours that duplicates', (t) => {
    const { impairer, at, tc, shown } = makeWire(t, 'm');
    tc('qdisc add dev v0 root handle 8: netem delay 10ms');
    const before = shown();
    impairer.apply(at, delay, undefined);
    impairer.apply(at, { ...delay, duplicate: { probability: '1%' } }, undefined);
    impairer.clear(at);
    assert.equal(shown(), before);
  });

  test('a duplication takes the place of a foreign netem, which comes back', (t) => {
    const { impairer, at, tc, shown } = makeWire(t, 'n');
    tc('qdisc add dev v0 root handle 8: netem delay 10ms');
    const before = shown();
    const egress = { ...delay, duplicate: { probability: '1%' } };
    assert.deepEqual(impairer.apply(at, egress, undefined).egress, egress);
    impairer.clear(at);
    assert.equal(shown(), before);
  });

  test('a foreign netem that duplicates is replaced and comes back, or is left alone with a remedy', (t) => {
    const { impairer, at, tc, shown } = makeWire(t, 'u');
    tc('qdisc add dev v0 root handle 8: netem duplicate 1%');
    const before = shown();
    try {
      impairer.apply(at, delay, undefined);
      impairer.clear(at);
    } catch (error) {
      // Kernels from 6.16 to 7.x, and stable ones with the same check.
      assert.ok(isNetweirError(error) && error.code === 'kernel-refused');
      assert.match(error.remedy ?? '', /remove the other one/);
      assert.deepEqual(impairer.entries(), []);
    }
    assert.equal(shown(), before);
  });

  const refused: Record<string, [string, RegExp]> = {
    'a netem with jitter': ['netem delay 10ms 1ms distribution normal', /distribution/],
    'a red, whose idle damping the kernel does not tell': [
      'red limit 60kb min 15kb max 45kb avpkt 1000 burst 20',
      /red qdisc 8: has a table/,
    ],
    'a kind that is not known to be restorable': [
      'gred setup DPs 3 default 2',
      /gred qdisc 8: is of a kind/,
    ],
  };
  for (const [index, [name, [options, reason]]] of Object.entries(refused).entries()) {
    test(`refuses ${name} and leaves it alone`, (t) => {
      const { impairer, at, tc, shown } = makeWire(t, `r${index}`);
      tc(`qdisc add dev v0 root handle 8: ${options}`);
      const before = shown();
      const error = refusalOf(() => impairer.apply(at, delay, undefined));
      assert.equal(error.code, 'original-not-restorable');
      assert.match(error.message, reason);
      assert.equal(shown(), before);
      assert.deepEqual(impairer.entries(), []);
    });
  }

  test('changes from tbf to netem and back without losing the original', (t) => {
    const wire = makeWire(t, 'k');
    const { impairer, at, tc, shown, shownOptions } = wire;
    tc('qdisc add dev v0 root handle 7: pfifo limit 77');
    const before = shown();
    impairer.apply(at, delay, undefined);
    tc('qdisc replace dev v0 root handle 7: pfifo limit 77');
    tc('qdisc replace dev v0 root handle 4e57: tbf rate 1mbit burst 5k limit 20k');
    assert.equal(refusalOf(() => impairer.apply(at, delay, undefined)).code, 'changed-elsewhere');
    impairer.apply(at, delay, undefined, { replace: true });
    assert.equal(shownOptions().kind, 'netem');
    impairer.clear(at);
    assert.equal(shown(), before);
  });
});
