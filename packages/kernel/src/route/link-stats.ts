import { Attributes } from '../netlink/attributes.ts';
import type { Message, Query } from '../netlink/request.ts';
import { Writer } from '../netlink/writer.ts';
import { bodyView } from './body-view.ts';
import { unlessMalformed } from './malformed.ts';

/** linux/rtnetlink.h, linux/if_link.h */
const RTM_NEWSTATS = 92;
const RTM_GETSTATS = 94;
const IFLA_STATS_LINK_64 = 1;
const FILTER_LINK_64 = 1 << (IFLA_STATS_LINK_64 - 1);
const IF_STATS_MSG_LENGTH = 12;

/** An interface's counters since it was made (`struct rtnl_link_stats64`). */
export interface LinkStats {
  readonly rxPackets: number;
  readonly txPackets: number;
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly rxErrors: number;
  readonly txErrors: number;
  readonly rxDropped: number;
  readonly txDropped: number;
  /** Multicast packets received. */
  readonly multicast: number;
  readonly collisions: number;
}

/** The counters of one interface, as `dumpLinkStats` gives them. */
export interface LinkStatsOf {
  readonly ifindex: number;
  readonly stats: LinkStats;
}

/** A dump of the counters of all interfaces and of nothing else: the cheap way to poll. */
export function dumpLinkStats(): Query<LinkStatsOf> {
  return {
    operation: 'dump link statistics',
    target: 'all links',
    type: RTM_GETSTATS,
    flags: 0,
    body: new Writer().zeros(8).u32(FILTER_LINK_64).finish(),
    parse: parseStats,
  };
}

function parseStats({ type, body }: Message): LinkStatsOf | undefined {
  if (type !== RTM_NEWSTATS) return undefined;
  return unlessMalformed(() => {
    const header = bodyView(body);
    const view = Attributes.read(body, IF_STATS_MSG_LENGTH).view(IFLA_STATS_LINK_64);
    return view && { ifindex: header.getUint32(4, true), stats: decodeLinkStats(view) };
  });
}

/**
 * Reads `struct rtnl_link_stats64`. The structure has grown over time and may be longer than this.
 *
 * @throws RangeError where it is shorter
 */
export function decodeLinkStats(view: DataView): LinkStats {
  const counter = (index: number) => Number(view.getBigUint64(8 * index, true));
  return {
    rxPackets: counter(0),
    txPackets: counter(1),
    rxBytes: counter(2),
    txBytes: counter(3),
    rxErrors: counter(4),
    txErrors: counter(5),
    rxDropped: counter(6),
    txDropped: counter(7),
    multicast: counter(8),
    collisions: counter(9),
  };
}
