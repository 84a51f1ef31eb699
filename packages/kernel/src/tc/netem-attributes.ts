import { Attributes } from '../netlink/attributes.ts';
import type { Writer } from '../netlink/writer.ts';
import { requireInteger, requireU32, S32_MAX, U32_MAX } from './range.ts';
import { StructReader } from './struct-reader.ts';

// linux/pkt_sched.h
const TCA_NETEM_CORR = 1; // @nl: TCA_NETEM_CORR rw 2.6.8
const TCA_NETEM_DELAY_DIST = 2; // @nl: TCA_NETEM_DELAY_DIST w 2.6.8
const TCA_NETEM_REORDER = 3; // @nl: TCA_NETEM_REORDER rw 2.6.13
const TCA_NETEM_CORRUPT = 4; // @nl: TCA_NETEM_CORRUPT rw 2.6.16
const TCA_NETEM_LOSS = 5; // @nl: TCA_NETEM_LOSS rw 2.6.39
const TCA_NETEM_RATE = 6; // @nl: TCA_NETEM_RATE rw 3.3
const TCA_NETEM_ECN = 7; // @nl: TCA_NETEM_ECN rw 3.5
const TCA_NETEM_RATE64 = 8; // @nl: TCA_NETEM_RATE64 rw 3.14
const TCA_NETEM_LATENCY64 = 10; // @nl: TCA_NETEM_LATENCY64 rw 4.15
const TCA_NETEM_JITTER64 = 11; // @nl: TCA_NETEM_JITTER64 rw 4.15
const TCA_NETEM_SLOT = 12; // @nl: TCA_NETEM_SLOT rw 4.15
const TCA_NETEM_SLOT_DIST = 13; // @nl: TCA_NETEM_SLOT_DIST w 4.19
const TCA_NETEM_PRNG_SEED = 14; // @nl: TCA_NETEM_PRNG_SEED rw 6.6

const NETEM_LOSS_GI = 1; // @nl: NETEM_LOSS_GI rw 2.6.39
const NETEM_LOSS_GE = 2; // @nl: NETEM_LOSS_GE rw 2.6.39

/** `struct tc_netem_qopt`; netem's attributes follow it directly. */
const QOPT_LENGTH = 24;
const DISTRIBUTION_MAX_ENTRIES = 16_384;

/** Correlation of each random decision with the one before; u32 probabilities. */
export interface NetemCorrelation {
  readonly delay: number;
  readonly loss: number;
  readonly duplicate: number;
}

/** A u32 probability and its u32 correlation. */
export interface NetemChance {
  readonly probability: number;
  readonly correlation: number;
}

/**
 * Two states, good and bad. `p`: good to bad; `r`: bad to good; `h`: that a packet gets through in
 * the bad state; `k1`: that one is lost in the good state. u32 probabilities.
 */
export interface GilbertElliott {
  readonly model: 'gilbert-elliott';
  readonly p: number;
  readonly r: number;
  readonly h: number;
  readonly k1: number;
}

/**
 * Four states: 1 good, 2 received within a burst, 3 lost within a burst, 4 lost alone. `p13` is the
 * u32 probability to go from 1 to 3.
 */
export interface LossStates {
  readonly model: 'state';
  readonly p13: number;
  readonly p31: number;
  readonly p32: number;
  readonly p14: number;
  readonly p23: number;
}

export interface NetemRate {
  /** 0 (no limit) to 2^53-1. */
  readonly bytesPerSecond: number;
  /** Bytes added to each packet; may be negative. */
  readonly packetOverhead: number;
  /** Bytes of a cell; 0 for none. */
  readonly cellSize: number;
  /** Bytes added to each cell; may be negative. */
  readonly cellOverhead: number;
}

/** Packets leave in bursts. Either the minimum and maximum or the dist pair is used; all 0 is off. */
export interface NetemSlot {
  readonly minDelayNs: number;
  readonly maxDelayNs: number;
  /** Packets of one slot; 0 for no limit. */
  readonly maxPackets: number;
  /** Bytes of one slot; 0 for no limit. */
  readonly maxBytes: number;
  readonly distDelayNs: number;
  readonly distJitterNs: number;
}

/** What one message says to netem: `struct tc_netem_qopt`, and the attributes that are present. */
export interface NetemFields {
  readonly latencyTicks: number;
  readonly limit: number;
  readonly loss: number;
  readonly gap: number;
  readonly duplicate: number;
  readonly jitterTicks: number;
  readonly correlation?: NetemCorrelation;
  readonly reorder?: NetemChance;
  readonly ecn?: boolean;
  readonly corrupt?: NetemChance;
  readonly lossModel?: GilbertElliott | LossStates | undefined;
  readonly rate?: NetemRate;
  readonly latency64Ns?: number;
  readonly jitter64Ns?: number;
  readonly slot?: NetemSlot;
  readonly delayDistribution?: Int16Array | undefined;
  readonly slotDistribution?: Int16Array | undefined;
  readonly seed?: bigint | undefined;
}

/** Writes the payload of TCA_OPTIONS for netem, attributes in tc's order. Throws RangeError. */
export function writeNetemAttributes(writer: Writer, fields: NetemFields): void {
  writer
    .u32(requireU32('latencyTicks', fields.latencyTicks))
    .u32(requireU32('limit', fields.limit))
    .u32(requireU32('loss', fields.loss))
    .u32(requireU32('gap', fields.gap))
    .u32(requireU32('duplicate', fields.duplicate))
    .u32(requireU32('jitterTicks', fields.jitterTicks));
  writeChances(writer, fields);
  if (fields.lossModel) writeLossModel(writer, fields.lossModel);
  if (fields.rate) writeRate(writer, fields.rate);
  writeTimes(writer, fields);
  writeTable(writer, TCA_NETEM_DELAY_DIST, fields.delayDistribution);
  writeTable(writer, TCA_NETEM_SLOT_DIST, fields.slotDistribution);
  if (fields.seed !== undefined) writer.attributeU64(TCA_NETEM_PRNG_SEED, fields.seed);
}

function writeChances(writer: Writer, { correlation, reorder, ecn, corrupt }: NetemFields): void {
  if (correlation) {
    writer.attribute(TCA_NETEM_CORR, (w) =>
      w
        .u32(requireU32('delay correlation', correlation.delay))
        .u32(requireU32('loss correlation', correlation.loss))
        .u32(requireU32('duplicate correlation', correlation.duplicate)),
    );
  }
  if (reorder) writeChance(writer, TCA_NETEM_REORDER, 'reorder', reorder);
  if (ecn !== undefined) writer.attributeU32(TCA_NETEM_ECN, ecn ? 1 : 0);
  if (corrupt) writeChance(writer, TCA_NETEM_CORRUPT, 'corrupt', corrupt);
}

/** `name` is what an error message calls it. */
function writeChance(writer: Writer, type: number, name: string, chance: NetemChance): void {
  writer.attribute(type, (w) =>
    w.u32(requireU32(name, chance.probability)).u32(requireU32(name, chance.correlation)),
  );
}

function writeLossModel(writer: Writer, loss: GilbertElliott | LossStates): void {
  writer.nest(TCA_NETEM_LOSS, (nest) => {
    if (loss.model === 'gilbert-elliott') {
      const { p, r, h, k1 } = loss;
      writeU32s(nest, NETEM_LOSS_GE, { p, r, h, k1 });
    } else {
      const { p13, p31, p32, p14, p23 } = loss;
      writeU32s(nest, NETEM_LOSS_GI, { p13, p31, p32, p14, p23 });
    }
  });
}

/**
 * TCA_NETEM_RATE goes out even where TCA_NETEM_RATE64 has the whole rate: the kernel takes the
 * larger of RATE64 and the 32-bit rate, and without RATE that would be the one set before.
 */
function writeRate(writer: Writer, rate: NetemRate): void {
  const { bytesPerSecond } = rate;
  requireInteger('rate', bytesPerSecond, 0, Number.MAX_SAFE_INTEGER);
  if (bytesPerSecond > U32_MAX) writer.attributeU64(TCA_NETEM_RATE64, bytesPerSecond);
  writer.attribute(TCA_NETEM_RATE, (w) =>
    w
      .u32(Math.min(bytesPerSecond, U32_MAX))
      .i32(requireInteger('packetOverhead', rate.packetOverhead, -S32_MAX - 1, S32_MAX))
      .u32(requireU32('cellSize', rate.cellSize))
      .i32(requireInteger('cellOverhead', rate.cellOverhead, -S32_MAX - 1, S32_MAX)),
  );
}

function writeTimes(writer: Writer, { latency64Ns, jitter64Ns, slot }: NetemFields): void {
  if (latency64Ns !== undefined) {
    writer.attributeU64(TCA_NETEM_LATENCY64, requireNs('latency', latency64Ns));
  }
  if (jitter64Ns !== undefined) {
    writer.attributeU64(TCA_NETEM_JITTER64, requireNs('jitter', jitter64Ns));
  }
  if (!slot) return;
  writer.attribute(TCA_NETEM_SLOT, (w) =>
    w
      .u64(requireNs('slot minDelay', slot.minDelayNs))
      .u64(requireNs('slot maxDelay', slot.maxDelayNs))
      .i32(requireInteger('slot maxPackets', slot.maxPackets, 0, S32_MAX))
      .i32(requireInteger('slot maxBytes', slot.maxBytes, 0, S32_MAX))
      .u64(requireNs('slot distDelay', slot.distDelayNs))
      .u64(requireNs('slot distJitter', slot.distJitterNs)),
  );
}

/** Linux 6.1 takes a negative time and shows it; later kernels refuse it. Never send one. */
function requireNs(name: string, ns: number): number {
  return requireInteger(`${name} in nanoseconds`, ns, 0, Number.MAX_SAFE_INTEGER);
}

function writeU32s(writer: Writer, type: number, members: Record<string, number>): void {
  writer.attribute(type, (w) => {
    for (const [name, value] of Object.entries(members)) w.u32(requireU32(name, value));
  });
}

function writeTable(writer: Writer, type: number, table: Int16Array | undefined): void {
  if (!table) return;
  requireInteger('entries of a distribution', table.length, 1, DISTRIBUTION_MAX_ENTRIES);
  writer.attributeBytes(type, new Uint8Array(table.buffer, table.byteOffset, table.byteLength));
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * What a TCA_OPTIONS payload of netem says; undefined where it is too short for
 * `struct tc_netem_qopt`, which is netem's own condition.
 */
export function decodeNetemAttributes(bytes: Uint8Array): NetemFields | undefined {
  if (bytes.length < QOPT_LENGTH) return undefined;
  const qopt = new StructReader(bytes);
  const attributes = Attributes.read(bytes, QOPT_LENGTH);
  const fields: Mutable<NetemFields> = {
    latencyTicks: qopt.u32(),
    limit: qopt.u32(),
    loss: qopt.u32(),
    gap: qopt.u32(),
    duplicate: qopt.u32(),
    jitterTicks: qopt.u32(),
  };
  readChances(attributes, fields);
  readTimes(attributes, fields);
  const lossModel = readLossModel(attributes);
  if (lossModel) fields.lossModel = lossModel;
  const rate = readRate(attributes);
  if (rate) fields.rate = rate;
  const delayDistribution = readTable(attributes.bytes(TCA_NETEM_DELAY_DIST));
  if (delayDistribution) fields.delayDistribution = delayDistribution;
  const slotDistribution = readTable(attributes.bytes(TCA_NETEM_SLOT_DIST));
  if (slotDistribution) fields.slotDistribution = slotDistribution;
  const seed = attributes.bytes(TCA_NETEM_PRNG_SEED);
  if (seed) fields.seed = new StructReader(seed).u64();
  return fields;
}

function readChances(attributes: Attributes, fields: Mutable<NetemFields>): void {
  const correlation = attributes.bytes(TCA_NETEM_CORR);
  if (correlation) {
    const reader = new StructReader(correlation);
    fields.correlation = { delay: reader.u32(), loss: reader.u32(), duplicate: reader.u32() };
  }
  const reorder = attributes.bytes(TCA_NETEM_REORDER);
  if (reorder) fields.reorder = readChance(reorder);
  const corrupt = attributes.bytes(TCA_NETEM_CORRUPT);
  if (corrupt) fields.corrupt = readChance(corrupt);
  const ecn = attributes.bytes(TCA_NETEM_ECN);
  if (ecn) fields.ecn = new StructReader(ecn).u32() !== 0;
}

function readChance(bytes: Uint8Array): NetemChance {
  const reader = new StructReader(bytes);
  return { probability: reader.u32(), correlation: reader.u32() };
}

function readTimes(attributes: Attributes, fields: Mutable<NetemFields>): void {
  const latency = attributes.bytes(TCA_NETEM_LATENCY64);
  if (latency) fields.latency64Ns = Number(new StructReader(latency).i64());
  const jitter = attributes.bytes(TCA_NETEM_JITTER64);
  if (jitter) fields.jitter64Ns = Number(new StructReader(jitter).i64());
  const slot = attributes.bytes(TCA_NETEM_SLOT);
  if (!slot) return;
  const reader = new StructReader(slot);
  fields.slot = {
    minDelayNs: Number(reader.i64()),
    maxDelayNs: Number(reader.i64()),
    maxPackets: reader.i32(),
    maxBytes: reader.i32(),
    distDelayNs: Number(reader.i64()),
    distJitterNs: Number(reader.i64()),
  };
}

function readLossModel(attributes: Attributes): GilbertElliott | LossStates | undefined {
  const nest = attributes.nested(TCA_NETEM_LOSS);
  const ge = nest?.bytes(NETEM_LOSS_GE);
  if (ge) {
    const reader = new StructReader(ge);
    const [p, r, h, k1] = [reader.u32(), reader.u32(), reader.u32(), reader.u32()];
    return { model: 'gilbert-elliott', p, r, h, k1 };
  }
  const gi = nest?.bytes(NETEM_LOSS_GI);
  if (!gi) return undefined;
  const reader = new StructReader(gi);
  const [p13, p31, p32] = [reader.u32(), reader.u32(), reader.u32()];
  return { model: 'state', p13, p31, p32, p14: reader.u32(), p23: reader.u32() };
}

function readRate(attributes: Attributes): NetemRate | undefined {
  const bytes = attributes.bytes(TCA_NETEM_RATE);
  const rate64 = attributes.bytes(TCA_NETEM_RATE64);
  if (!bytes && !rate64) return undefined;
  const reader = new StructReader(bytes);
  return {
    bytesPerSecond: Math.max(reader.u32(), Number(new StructReader(rate64).u64())),
    packetOverhead: reader.i32(),
    cellSize: reader.u32(),
    cellOverhead: reader.i32(),
  };
}

function readTable(bytes: Uint8Array | undefined): Int16Array | undefined {
  if (!bytes) return undefined;
  const reader = new StructReader(bytes);
  return Int16Array.from({ length: Math.floor(bytes.length / 2) }, () => reader.u16());
}
