import { Writer } from '../netlink/writer.ts';
import type {
  GilbertElliott,
  LossStates,
  NetemChance,
  NetemCorrelation,
  NetemRate,
  NetemSlot,
} from './netem-attributes.ts';
import { decodeNetemAttributes, writeNetemAttributes } from './netem-attributes.ts';
import { nsToTicks, ticksToNs } from './psched.ts';
import { StructReader } from './struct-reader.ts';

/** Each packet is lost with the same u32 probability, but for `correlation.loss`. */
export interface RandomLoss {
  readonly model: 'random';
  readonly probability: number;
}

export type NetemLoss = RandomLoss | GilbertElliott | LossStates;

/**
 * The complete state of a netem qdisc. Probabilities and correlations are u32 in parts of 2^32-1:
 * see fractionToProbability.
 */
export interface Netem {
  readonly kind: 'netem';
  /** Mean delay. */
  readonly latencyNs: number;
  /** Deviation of the delay; netem caps it at 2^31-1. */
  readonly jitterNs: number;
  /** Packets that the delay line holds. 0 drops everything. */
  readonly limit: number;
  readonly loss: NetemLoss;
  /** Every `gap`th packet may overtake the delayed ones; 0 turns reordering off. */
  readonly gap: number;
  readonly duplicate: number;
  readonly correlation: NetemCorrelation;
  /** Works only with a `gap` of 1 or more and a delay. */
  readonly reorder: NetemChance;
  readonly corrupt: NetemChance;
  readonly rate: NetemRate;
  /** Mark packets that are ECN-capable instead of losing them. */
  readonly ecn: boolean;
  readonly slot: NetemSlot;
  /** 1 to 16,384 entries. Netem keeps the table it has where none is given, and never shows it. */
  readonly delayDistribution?: Int16Array | undefined;
  /** As `delayDistribution`, for the slots' delay. Two tables of 16,384 fit in no one message. */
  readonly slotDistribution?: Int16Array | undefined;
  /** Seed of the random numbers, since Linux 6.6; netem keeps the one it has where none is given. */
  readonly seed?: bigint | undefined;
}

/** A netem that does nothing to packets, with tc's limit of 1000. */
export const neutralNetem: Netem = {
  kind: 'netem',
  latencyNs: 0,
  jitterNs: 0,
  limit: 1000,
  loss: { model: 'random', probability: 0 },
  gap: 0,
  duplicate: 0,
  correlation: { delay: 0, loss: 0, duplicate: 0 },
  reorder: { probability: 0, correlation: 0 },
  corrupt: { probability: 0, correlation: 0 },
  rate: { bytesPerSecond: 0, packetOverhead: 0, cellSize: 0, cellOverhead: 0 },
  ecn: false,
  slot: {
    minDelayNs: 0,
    maxDelayNs: 0,
    maxPackets: 0,
    maxBytes: 0,
    distDelayNs: 0,
    distJitterNs: 0,
  },
};

/** The TCA_OPTIONS payload of a netem, as {@link writeNetem} writes it. Throws RangeError. */
export function encodeNetem(netem: Netem): Uint8Array {
  const writer = new Writer();
  writeNetem(writer, netem);
  return writer.finish();
}

/**
 * Writes the TCA_OPTIONS payload that brings a netem to exactly this state, whatever it was before.
 * A change keeps the attributes that it does not carry (netem_change in net/sched/sch_netem.c), so
 * all are sent, zeros included; the tables and the seed only where given. Delays go out
 * both in nanoseconds and, for readers that know nothing else, in ticks. Throws RangeError for a
 * value outside its field.
 */
export function writeNetem(writer: Writer, netem: Netem): void {
  const { latencyNs, jitterNs, loss } = netem;
  writeNetemAttributes(writer, {
    latencyTicks: nsToTicks(latencyNs),
    limit: netem.limit,
    loss: loss.model === 'random' ? loss.probability : 0,
    gap: netem.gap,
    duplicate: netem.duplicate,
    jitterTicks: nsToTicks(jitterNs),
    correlation: netem.correlation,
    reorder: netem.reorder,
    ecn: netem.ecn,
    corrupt: netem.corrupt,
    lossModel: loss.model === 'random' ? undefined : loss,
    rate: netem.rate,
    latency64Ns: latencyNs,
    jitter64Ns: jitterNs,
    slot: netem.slot,
    delayDistribution: netem.delayDistribution,
    slotDistribution: netem.slotDistribution,
    seed: netem.seed,
  });
}

/**
 * The state that a TCA_OPTIONS payload describes. What is absent, on an older kernel or because it
 * is off, has its neutral value. Undefined where the payload is shorter than netem's structure.
 */
export function decodeNetem(bytes: Uint8Array): Netem | undefined {
  const fields = decodeNetemAttributes(bytes);
  if (!fields) return undefined;
  const { latencyTicks, jitterTicks, latency64Ns, jitter64Ns, loss, lossModel, ...same } = fields;
  return {
    ...neutralNetem,
    ...same,
    latencyNs: latency64Ns ?? ticksToNs(latencyTicks),
    jitterNs: jitter64Ns ?? ticksToNs(jitterTicks),
    loss: lossModel ?? { model: 'random', probability: loss },
  };
}

/** What netem did to packets since it was made: `struct tc_netem_xstats`, on kernels since 7.2. */
export interface NetemXstats {
  readonly delayed: number;
  readonly dropped: number;
  readonly corrupted: number;
  readonly duplicated: number;
  readonly reordered: number;
  readonly ecnMarked: number;
  readonly allocationErrors: number;
}

/** Decodes the `xstats` of a netem's statistics; counters that the kernel does not send are 0. */
export function decodeNetemXstats(bytes: Uint8Array): NetemXstats {
  const reader = new StructReader(bytes);
  return {
    delayed: Number(reader.u64()),
    dropped: Number(reader.u64()),
    corrupted: Number(reader.u64()),
    duplicated: Number(reader.u64()),
    reordered: Number(reader.u64()),
    ecnMarked: Number(reader.u64()),
    allocationErrors: Number(reader.u64()),
  };
}
