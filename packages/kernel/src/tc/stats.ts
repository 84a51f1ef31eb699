import {
  ATTRIBUTE_HEADER_LENGTH,
  type Attributes,
  attributeEnd,
  attributeType,
  hasAttribute,
  nextAttribute,
} from '../netlink/attributes.ts';
import { bytesAt, StructReader, u32At, u64At } from './struct-reader.ts';
import { TCA_STATS, TCA_STATS2, TCA_XSTATS } from './tcmsg.ts';

// linux/gen_stats.h
const TCA_STATS_BASIC = 1; // @nl: TCA_STATS_BASIC r 2.6.10
const TCA_STATS_RATE_EST = 2; // @nl: TCA_STATS_RATE_EST r 2.6.10
const TCA_STATS_QUEUE = 3; // @nl: TCA_STATS_QUEUE r 2.6.10
const TCA_STATS_APP = 4; // @nl: TCA_STATS_APP r 2.6.10
const TCA_STATS_PKT64 = 8; // @nl: TCA_STATS_PKT64 r 5.5

/** Counters of a qdisc or class since it was made. Hardware counters are not among them. */
export interface TcStats {
  readonly bytes: number;
  /** Wraps at 2^32 on kernels before 5.5. */
  readonly packets: number;
  /** Packets that wait. */
  readonly qlen: number;
  readonly backlogBytes: number;
  readonly drops: number;
  /** Netem counts here the packets that overtook others. */
  readonly requeues: number;
  readonly overlimits: number;
  /** What the kind adds, such as netem's: see decodeNetemXstats. */
  readonly xstats?: Uint8Array;
}

/**
 * Statistics among a message's attributes: from TCA_STATS2, or from the older TCA_STATS where that
 * is absent; undefined where both are.
 */
export function decodeStats(attributes: Attributes): TcStats | undefined {
  const stats2 = attributes.view(TCA_STATS2);
  if (stats2) return stats2At(stats2, 0, stats2.byteLength);
  const stats = attributes.bytes(TCA_STATS);
  return stats && fromStats(stats, attributes.bytes(TCA_XSTATS));
}

/** Whether an estimator (`tc … estimator`) measures the rate. */
export function hasEstimator(attributes: Attributes): boolean {
  const stats2 = attributes.view(TCA_STATS2);
  return stats2 !== undefined && hasEstimatorAt(stats2, 0, stats2.byteLength);
}

/** As `hasEstimator`, of the payload of TCA_STATS2 between two places of `view`. */
export function hasEstimatorAt(view: DataView, start: number, end: number): boolean {
  for (let at = start; hasAttribute(view, at, end); at = nextAttribute(view, at)) {
    if (attributeType(view, at) === TCA_STATS_RATE_EST) return true;
  }
  return false;
}

/** The statistics in the payload of TCA_STATS2 between two places of `view`. */
export function stats2At(view: DataView, start: number, end: number): TcStats {
  const stats: Mutable<TcStats> = {
    bytes: 0,
    packets: 0,
    qlen: 0,
    backlogBytes: 0,
    drops: 0,
    requeues: 0,
    overlimits: 0,
  };
  let packets64: number | undefined;
  for (let at = start; hasAttribute(view, at, end); at = nextAttribute(view, at)) {
    const from = at + ATTRIBUTE_HEADER_LENGTH;
    const to = attributeEnd(view, at);
    switch (attributeType(view, at)) {
      case TCA_STATS_BASIC:
        stats.bytes = u64At(view, from, to);
        stats.packets = u32At(view, from + 8, to);
        break;
      case TCA_STATS_QUEUE:
        stats.qlen = u32At(view, from, to);
        stats.backlogBytes = u32At(view, from + 4, to);
        stats.drops = u32At(view, from + 8, to);
        stats.requeues = u32At(view, from + 12, to);
        stats.overlimits = u32At(view, from + 16, to);
        break;
      case TCA_STATS_PKT64:
        packets64 = u64At(view, from, to);
        break;
      case TCA_STATS_APP:
        stats.xstats = bytesAt(view, from, to).slice();
        break;
    }
  }
  if (packets64 !== undefined) stats.packets = packets64;
  return stats;
}

type Mutable<T> = { -readonly [key in keyof T]: T[key] };

/** `struct tc_stats` (linux/pkt_sched.h); it counts no requeues. */
function fromStats(stats: Uint8Array, xstats: Uint8Array | undefined): TcStats {
  const reader = new StructReader(stats);
  const bytes = Number(reader.u64());
  const packets = reader.u32();
  const drops = reader.u32();
  const overlimits = reader.u32();
  reader.u32();
  reader.u32();
  const qlen = reader.u32();
  const backlogBytes = reader.u32();
  return {
    bytes,
    packets,
    qlen,
    backlogBytes,
    drops,
    requeues: 0,
    overlimits,
    ...(xstats && { xstats: xstats.slice() }),
  };
}
