import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Attributes } from '../netlink/attributes.ts';
import type { Request } from '../netlink/request.ts';
import { Writer } from '../netlink/writer.ts';
import { replaceClass } from './class.ts';
import { message, readGoldens, withoutSequence } from './golden.test-support.ts';
import { ingressPlace } from './ingress.ts';
import { type NetemFields, writeNetemAttributes } from './netem-attributes.ts';
import { netemDistribution } from './netem-distribution.ts';
import { fractionToProbability, nsToTicks } from './psched.ts';
import { addQdisc, deleteQdisc, type QdiscPlace, replaceQdisc } from './qdisc.ts';
import { rateSpec } from './ratespec.ts';
import type { Tbf } from './tbf.ts';
import { handle, TC_H_ROOT } from './tcmsg.ts';

const goldens = readGoldens(/^tc (?:qdisc|class) /);

const root: QdiscPlace = { ifindex: 2, parent: TC_H_ROOT, target: 'd0' };
const p = fractionToProbability;
const ms = (count: number) => nsToTicks(count * 1e6);

/** tc's own message for netem: the attributes that tc sends, no more. */
function netem(fields: Partial<NetemFields>, place = root, build = replaceQdisc): Request {
  const writer = new Writer();
  writeNetemAttributes(writer, {
    latencyTicks: 0,
    limit: 1000,
    loss: 0,
    gap: 0,
    duplicate: 0,
    jitterTicks: 0,
    ...fields,
  });
  return build(place, { kind: 'netem', rawOptions: writer.finish() });
}

const uncorrelated = { delay: 0, loss: 0, duplicate: 0 };
const plainRate = { packetOverhead: 0, cellSize: 0, cellOverhead: 0 };
const noSlot = { minDelayNs: 0, maxDelayNs: 0, maxPackets: 0, maxBytes: 0, distDelayNs: 0 };
const reorder = { probability: p(0.25), correlation: p(0.5) };

const tbf = (bitPerSecond: number, limitBytes: number, burstBytes: number): Tbf => ({
  kind: 'tbf',
  rate: rateSpec(bitPerSecond / 8),
  limitBytes,
  burstBytes,
});

const htbClass = (parent: number, minor: number, rate: number, ceil: number) => ({
  place: { ifindex: 2, parent: handle(1, parent), handle: handle(1, minor), target: 'd0' },
  options: {
    kind: 'htb' as const,
    rate: rateSpec(rate / 8),
    ceil: rateSpec(ceil / 8),
    burstBytes: 1600,
    cburstBytes: 1600,
    quantumBytes: 0,
    prio: 0,
  },
});

const at = (parent: number, major: number): QdiscPlace => ({
  ...root,
  parent: handle(1, parent),
  handle: handle(major),
});

const priomap = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];
const sfq = Buffer.alloc(72);
sfq.writeInt32LE(10, 4);

/** Behind `tc`, each command of the dump and the request that is to equal its message. */
const requests: Record<string, () => Request> = {
  'qdisc replace dev d0 root netem delay 100ms': () => netem({ latencyTicks: ms(100) }),
  'qdisc replace dev d0 root netem delay 100ms 10ms': () =>
    netem({ latencyTicks: ms(100), jitterTicks: ms(10) }),
  'qdisc replace dev d0 root netem delay 100ms 10ms 25%': () =>
    netem({
      latencyTicks: ms(100),
      jitterTicks: ms(10),
      correlation: { ...uncorrelated, delay: p(0.25) },
    }),
  'qdisc replace dev d0 root netem delay 100ms 10ms distribution normal': () =>
    netem({
      latencyTicks: ms(100),
      jitterTicks: ms(10),
      delayDistribution: netemDistribution('normal'),
    }),
  'qdisc replace dev d0 root netem loss 10% 25%': () =>
    netem({ loss: p(0.1), correlation: { ...uncorrelated, loss: p(0.25) } }),
  'qdisc replace dev d0 root netem loss state 1% 90% 5% 99% 0.5%': () =>
    netem({
      lossModel: {
        model: 'state',
        p13: p(0.01),
        p31: p(0.9),
        p32: p(0.05),
        p23: p(0.99),
        p14: p(0.005),
      },
    }),
  'qdisc replace dev d0 root netem loss state 1%': () =>
    netem({
      lossModel: { model: 'state', p13: p(0.01), p31: p(0.99), p32: 0, p23: p(1), p14: 0 },
    }),
  'qdisc replace dev d0 root netem loss gemodel 1% 10% 70% 0.1%': () =>
    netem({
      lossModel: { model: 'gilbert-elliott', p: p(0.01), r: p(0.1), h: p(0.3), k1: p(0.001) },
    }),
  'qdisc replace dev d0 root netem loss gemodel 1%': () =>
    netem({ lossModel: { model: 'gilbert-elliott', p: p(0.01), r: p(0.99), h: 0, k1: 0 } }),
  'qdisc replace dev d0 root netem loss 5% ecn': () => netem({ loss: p(0.05), ecn: true }),
  'qdisc replace dev d0 root netem corrupt 1% 10%': () =>
    netem({
      correlation: uncorrelated,
      corrupt: { probability: p(0.01), correlation: p(0.1) },
    }),
  'qdisc replace dev d0 root netem duplicate 1% 10%': () =>
    netem({ duplicate: p(0.01), correlation: { ...uncorrelated, duplicate: p(0.1) } }),
  'qdisc replace dev d0 root netem delay 10ms reorder 25% 50%': () =>
    netem({ latencyTicks: ms(10), gap: 1, correlation: uncorrelated, reorder }),
  'qdisc replace dev d0 root netem delay 10ms reorder 25% 50% gap 5': () =>
    netem({ latencyTicks: ms(10), gap: 5, correlation: uncorrelated, reorder }),
  'qdisc replace dev d0 root netem rate 1mbit': () =>
    netem({ rate: { ...plainRate, bytesPerSecond: 125_000 } }),
  'qdisc replace dev d0 root netem rate 5kbit 20 100 5': () =>
    netem({ rate: { bytesPerSecond: 625, packetOverhead: 20, cellSize: 100, cellOverhead: 5 } }),
  'qdisc replace dev d0 root netem rate 100gbit': () =>
    netem({ rate: { ...plainRate, bytesPerSecond: 12_500_000_000 } }),
  'qdisc replace dev d0 root netem slot 800us 1ms packets 32 bytes 64k': () =>
    netem({
      slot: {
        ...noSlot,
        minDelayNs: 800_000,
        maxDelayNs: 1_000_000,
        maxPackets: 32,
        maxBytes: 65_536,
        distJitterNs: 0,
      },
    }),
  'qdisc replace dev d0 root netem slot distribution pareto 1ms 100us': () =>
    netem({
      slot: { ...noSlot, distDelayNs: 1_000_000, distJitterNs: 100_000 },
      slotDistribution: netemDistribution('pareto'),
    }),
  'qdisc replace dev d0 root netem limit 5000': () => netem({ limit: 5000 }),
  'qdisc replace dev d0 root netem delay 1us': () => netem({ latencyTicks: nsToTicks(1000) }),
  'qdisc replace dev d0 root netem delay 274s': () => netem({ latencyTicks: nsToTicks(274e9) }),

  'qdisc replace dev d0 root tbf rate 1mbit burst 32kbit latency 400ms': () =>
    replaceQdisc(root, tbf(1e6, 54_096, 4096)),
  'qdisc replace dev d0 root tbf rate 1mbit burst 32kbit limit 3000': () =>
    replaceQdisc(root, tbf(1e6, 3000, 4096)),
  'qdisc replace dev d0 root tbf rate 10gbit burst 1mb latency 50ms': () =>
    replaceQdisc(root, tbf(10e9, 63_548_576, 1_048_576)),
  'qdisc replace dev d0 root tbf rate 1mbit burst 10kb latency 70ms peakrate 2mbit minburst 1540':
    () =>
      replaceQdisc(root, {
        ...tbf(1e6, 18_990, 10_240),
        peak: { rate: rateSpec(250_000), burstBytes: 1540 },
      }),
  'qdisc replace dev d0 root tbf rate 40gbit burst 1mb latency 50ms': () =>
    replaceQdisc(root, tbf(40e9, 251_048_576, 1_048_576)),

  'qdisc replace dev d0 root handle 1: htb default 30 r2q 10': () =>
    replaceQdisc(
      { ...root, handle: handle(1) },
      { kind: 'htb', defaultMinor: 0x30, rate2quantum: 10 },
    ),
  'class replace dev d0 parent 1: classid 1:1 htb rate 10mbit ceil 20mbit burst 15k cburst 16k prio 2 quantum 6000':
    () => {
      const { place, options } = htbClass(0, 1, 10e6, 20e6);
      const rest = { burstBytes: 15_360, cburstBytes: 16_384, prio: 2, quantumBytes: 6000 };
      return replaceClass(place, { ...options, ...rest });
    },
  'class replace dev d0 parent 1:1 classid 1:10 htb rate 40gbit ceil 50gbit': () => {
    const { place, options } = htbClass(1, 0x10, 40e9, 50e9);
    return replaceClass(place, options);
  },
  'class replace dev d0 parent 1:1 classid 1:30 htb rate 1mbit': () => {
    const { place, options } = htbClass(1, 0x30, 1e6, 1e6);
    return replaceClass(place, options);
  },
  'qdisc add dev d0 parent 1:10 handle 10: netem delay 10ms': () =>
    netem({ latencyTicks: ms(10) }, at(0x10, 0x10), addQdisc),
  'qdisc add dev d0 parent 1:30 handle 30: netem delay 20ms duplicate 1%': () =>
    netem({ latencyTicks: ms(20), duplicate: p(0.01) }, at(0x30, 0x30), addQdisc),
  'qdisc del dev d0 root': () => deleteQdisc(root),

  'qdisc replace dev d0 root handle 1: prio bands 4 priomap 1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1': () =>
    replaceQdisc({ ...root, handle: handle(1) }, { kind: 'prio', bands: 4, priomap }),
  'qdisc replace dev d0 parent 1:1 handle 10: fq_codel limit 1000 target 5ms interval 100ms quantum 1514 flows 1024 ecn ce_threshold 1ms memory_limit 32Mb drop_batch 64':
    () =>
      replaceQdisc(at(1, 0x10), {
        kind: 'fq_codel',
        limit: 1000,
        targetUs: 5000,
        intervalUs: 100_000,
        quantumBytes: 1514,
        flows: 1024,
        ecn: true,
        ceThresholdUs: 1000,
        memoryLimitBytes: 33_554_432,
        dropBatchSize: 64,
      }),
  'qdisc replace dev d0 parent 1:2 handle 20: sfq perturb 10': () =>
    replaceQdisc(at(2, 0x20), { kind: 'sfq', rawOptions: sfq }),
  'qdisc replace dev d0 parent 1:3 handle 30: pfifo limit 100': () =>
    replaceQdisc(at(3, 0x30), { kind: 'pfifo', limitPackets: 100 }),
  'qdisc replace dev d0 parent 1:4 handle 40: bfifo limit 100000': () =>
    replaceQdisc(at(4, 0x40), { kind: 'bfifo', limitBytes: 100_000 }),

  'qdisc add dev d0 handle ffff: ingress': () =>
    addQdisc({ ...root, ...ingressPlace }, { kind: 'ingress' }),
  'qdisc del dev d0 ingress': () => deleteQdisc({ ...root, ...ingressPlace, kind: 'ingress' }),
  'qdisc add dev d0 clsact': () => addQdisc({ ...root, ...ingressPlace }, { kind: 'clsact' }),
  'qdisc del dev d0 clsact': () => deleteQdisc({ ...root, ...ingressPlace, kind: 'clsact' }),
};

/** Turns the options that tc sent into the options that we send: the whole difference. */
interface Difference {
  readonly commands: RegExp;
  readonly reason: string;
  readonly options: (tc: Buffer) => Uint8Array;
}

const differences: Difference[] = [
  {
    commands: / tbf /,
    reason: 'no rate tables, and no buffer and mtu times, which BURST and PBURST override',
    options: (tc) =>
      without(tc, [TCA_TBF_RTAB, TCA_TBF_PTAB], (type, payload) => {
        if (type === TCA_TBF_PARMS) payload.fill(0, 28, 36);
      }),
  },
  {
    commands: /^tc class .*classid 1:1 /,
    reason: 'no rate tables; tc counts the 6553.6 us of its cburst as 6553 us',
    options: (tc) =>
      without(tc, [TCA_HTB_CTAB, TCA_HTB_RTAB], (type, payload) => {
        if (type !== TCA_HTB_PARMS) return;
        assert.equal(payload.readUInt32LE(28), 102_390);
        payload.writeUInt32LE(102_400, 28);
      }),
  },
  {
    commands: /^tc class .*classid 1:10 /,
    reason: 'no rate tables; tc counts 1600 B at 40 and 50 Gbit/s as 0 us, a burst of 0 bytes',
    options: (tc) =>
      without(tc, [TCA_HTB_CTAB, TCA_HTB_RTAB], (type, payload) => {
        if (type !== TCA_HTB_PARMS) return;
        assert.deepEqual([payload.readUInt32LE(24), payload.readUInt32LE(28)], [0, 0]);
        payload.writeUInt32LE(5, 24);
        payload.writeUInt32LE(4, 28);
      }),
  },
  {
    commands: /^tc class .*classid 1:30 /,
    reason: 'no rate tables',
    options: (tc) => without(tc, [TCA_HTB_CTAB, TCA_HTB_RTAB]),
  },
  {
    commands: / handle 1: prio /,
    reason: 'no empty attribute behind the structure',
    options: (tc) => {
      assert.equal(tc.subarray(20).toString('hex'), '04000200');
      return tc.subarray(0, 20);
    },
  },
  {
    commands: / duplicate 1% 10%$/,
    reason: "tc forgets TCA_NETEM_CORR when duplicate's is the only correlation",
    options: (tc) => {
      const correlation = new Writer().attribute(1, (w) => w.u32(0).u32(0).u32(p(0.1)));
      return Buffer.concat([tc, correlation.finish()]);
    },
  },
];

const [TCA_TBF_PARMS, TCA_TBF_RTAB, TCA_TBF_PTAB] = [1, 2, 3];
const [TCA_HTB_PARMS, TCA_HTB_CTAB, TCA_HTB_RTAB] = [1, 3, 4];

/** The attributes but for those of `dropped` types, each after `edit`. */
function without(
  options: Uint8Array,
  dropped: readonly number[],
  edit: (type: number, payload: Buffer) => void = () => {},
): Uint8Array {
  const writer = new Writer(4096);
  for (const { type, payload } of Attributes.entries(options)) {
    if (dropped.includes(type)) continue;
    const edited = Buffer.from(payload);
    edit(type, edited);
    writer.attributeBytes(type, edited);
  }
  return writer.finish();
}

/** The message with its options replaced: behind nlmsghdr, tcmsg and TCA_KIND is TCA_OPTIONS. */
function withOptions(message: Uint8Array, edit: (options: Buffer) => Uint8Array): Buffer {
  const bytes = Buffer.from(message);
  const optionsAt = 36 + ((bytes.readUInt16LE(36) + 3) & ~3);
  const options = edit(Buffer.from(bytes.subarray(optionsAt + 4)));
  const writer = new Writer(bytes.length + options.length);
  writer.raw(bytes.subarray(0, optionsAt)).attributeBytes(2, options);
  const edited = Buffer.from(writer.finish());
  edited.writeUInt32LE(edited.length, 0);
  return edited;
}

const REFUSED_BY_TC = / distribution uniform$| delay 275s$/;

describe('requests are the messages of tc', () => {
  test('every qdisc and class command of the dump that tc sent is compared', () => {
    const compared = goldens.filter(({ sent }) => sent).map(({ command }) => command);
    const known = Object.keys(requests).map((command) => `tc ${command}`);
    assert.deepEqual([...new Set(compared)].sort(), known.sort());
    const refused = goldens.filter(({ sent }) => !sent);
    for (const { command } of refused) assert.match(command, REFUSED_BY_TC);
  });

  for (const { command, sent, length } of goldens) {
    if (!sent) continue;
    const difference = differences.find(({ commands }) => commands.test(command));
    const but = difference ? `, but for: ${difference.reason}` : '';
    test(`${command}${but}`, () => {
      const ours = message(requests[command.slice(3)]?.() ?? assert.fail('no request'));
      const theirs = withoutSequence(sent);
      if (difference) {
        assert.notDeepEqual(ours, theirs);
        assert.equal(ours.toString('hex'), withOptions(theirs, difference.options).toString('hex'));
        return;
      }
      assert.equal(ours.subarray(0, theirs.length).toString('hex'), theirs.toString('hex'));
      assert.equal(ours.length, length);
    });
  }
});
