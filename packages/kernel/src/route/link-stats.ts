import type { Request } from '../netlink/request.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { align4, Writer } from '../netlink/writer.ts';

/** linux/rtnetlink.h, linux/if_link.h */
const RTM_NEWSTATS = 92;
const RTM_GETSTATS = 94;
const IFLA_STATS_LINK_64 = 1;
const FILTER_LINK_64 = 1 << (IFLA_STATS_LINK_64 - 1);
const IF_STATS_MSG_LENGTH = 12;
const ATTRIBUTE_HEADER_LENGTH = 4;
/** As far as it is read: ten counters of 64 bits. */
const STATS_LENGTH = 80;

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

/** Called for each interface with its counters, which hold only until it returns. */
export type VisitLinkStats = (ifindex: number, stats: LinkStats) => void;

const REQUEST: Request = {
  operation: 'dump link statistics',
  target: 'all links',
  type: RTM_GETSTATS,
  flags: 0,
  body: new Writer().zeros(8).u32(FILTER_LINK_64).finish(),
};

/**
 * Reads the counters of all interfaces and nothing else, without making any object: the cheap way to poll
 * thousands of them. `visit` must use no netlink socket; after an interruption it sees everything again.
 * @throws {KernelError} EINTR where changes interrupted every attempt
 */
export function visitLinkStats(netlink: NetlinkSocket, visit: VisitLinkStats): void {
  netlink.visit(REQUEST, (type, view, start, end) => {
    const stats = statsIn(type, view, start, end);
    if (stats) visit(view.getUint32(start + 4, true), stats);
  });
}

/** The counters in a message's body, until the next call; undefined where it has none. */
export function statsIn(
  type: number,
  view: DataView,
  start: number,
  end: number,
): LinkStats | undefined {
  if (type !== RTM_NEWSTATS || end - start < IF_STATS_MSG_LENGTH) return undefined;
  const at = findStats(view, start + IF_STATS_MSG_LENGTH, end);
  if (at === undefined) return undefined;
  cursor.move(view, at);
  return cursor;
}

/** Where the payload of IFLA_STATS_LINK_64 starts; undefined where it is absent or too short. */
function findStats(view: DataView, start: number, end: number): number | undefined {
  let at = start;
  while (end - at >= ATTRIBUTE_HEADER_LENGTH) {
    const length = view.getUint16(at, true);
    if (length < ATTRIBUTE_HEADER_LENGTH || length > end - at) return undefined;
    if (view.getUint16(at + 2, true) === IFLA_STATS_LINK_64) {
      const isWhole = length - ATTRIBUTE_HEADER_LENGTH >= STATS_LENGTH;
      return isWhole ? at + ATTRIBUTE_HEADER_LENGTH : undefined;
    }
    at += align4(length);
  }
  return undefined;
}

/** `struct rtnl_link_stats64` in place. */
class StatsCursor implements LinkStats {
  #view: DataView = new DataView(new ArrayBuffer(STATS_LENGTH));
  #at = 0;

  move(view: DataView, at: number): void {
    this.#view = view;
    this.#at = at;
  }

  get rxPackets(): number {
    return this.#counter(0);
  }

  get txPackets(): number {
    return this.#counter(1);
  }

  get rxBytes(): number {
    return this.#counter(2);
  }

  get txBytes(): number {
    return this.#counter(3);
  }

  get rxErrors(): number {
    return this.#counter(4);
  }

  get txErrors(): number {
    return this.#counter(5);
  }

  get rxDropped(): number {
    return this.#counter(6);
  }

  get txDropped(): number {
    return this.#counter(7);
  }

  get multicast(): number {
    return this.#counter(8);
  }

  get collisions(): number {
    return this.#counter(9);
  }

  /** In halves, since a bigint would be an object. */
  #counter(index: number): number {
    const at = this.#at + 8 * index;
    return this.#view.getUint32(at, true) + this.#view.getUint32(at + 4, true) * 2 ** 32;
  }
}

const cursor = new StatsCursor();

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
