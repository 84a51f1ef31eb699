import { type Attributes, walkAttributes } from '../netlink/attributes.ts';
import { StructReader } from './struct-reader.ts';
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
  const stats2 = attributes.nested(TCA_STATS2);
  if (stats2) return fromStats2(stats2);
  const stats = attributes.bytes(TCA_STATS);
  return stats && fromStats(stats, attributes.bytes(TCA_XSTATS));
}

/** Whether an estimator (`tc … estimator`) measures the rate. */
export function hasEstimator(attributes: Attributes): boolean {
  const stats2 = attributes.view(TCA_STATS2);
  let found = false;
  if (stats2) {
    walkAttributes(stats2, 0, stats2.byteLength, (type) => {
      found ||= type === TCA_STATS_RATE_EST;
    });
  }
  return found;
}

function fromStats2(stats2: Attributes): TcStats {
  const basic = new StructReader(stats2.bytes(TCA_STATS_BASIC));
  const bytes = Number(basic.u64());
  const packets = basic.u32();
  const packets64 = stats2.bytes(TCA_STATS_PKT64);
  const queue = new StructReader(stats2.bytes(TCA_STATS_QUEUE));
  const xstats = stats2.bytes(TCA_STATS_APP);
  return {
    bytes,
    packets: packets64 ? Number(new StructReader(packets64).u64()) : packets,
    qlen: queue.u32(),
    backlogBytes: queue.u32(),
    drops: queue.u32(),
    requeues: queue.u32(),
    overlimits: queue.u32(),
    ...(xstats && { xstats: xstats.slice() }),
  };
}

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
