import type { OneWayFigures } from '@netweir/api';
import { delayFigures } from './figures.ts';
import type { ReceivedProbe } from './probe-packet.ts';

/** What is known of the packets of one direction. */
export interface StreamRecord {
  /** When each was sent, by its number. */
  readonly sentAtNs: readonly number[];
  /** In the order in which they came. */
  readonly arrivals: readonly (ReceivedProbe & { readonly atNs: number })[];
}

/** What became of the packets of one direction, each by its number. */
export interface StreamResult {
  readonly sent: number;
  /** Of those that came, in milliseconds; undefined for those that did not. */
  readonly delaysMs: readonly (number | undefined)[];
  /** Packets that came more than once. */
  readonly duplicated: readonly boolean[];
  /** Packets that came before one that was sent earlier. */
  readonly reordered: readonly boolean[];
  readonly corrupted: readonly boolean[];
}

/** Tells what became of packets from when they were sent and when they came; copies are not late packets. */
export function resultOf({ sentAtNs, arrivals }: StreamRecord): StreamResult {
  const { length } = sentAtNs;
  const delaysMs: (number | undefined)[] = new Array(length).fill(undefined);
  const place: (number | undefined)[] = new Array(length).fill(undefined);
  const duplicated: boolean[] = new Array(length).fill(false);
  const corrupted: boolean[] = new Array(length).fill(false);
  arrivals.forEach(({ sequence, atNs, corrupted: isDamaged }, index) => {
    const sentAt = sentAtNs[sequence];
    if (sentAt === undefined) return;
    if (isDamaged) corrupted[sequence] = true;
    if (place[sequence] === undefined) {
      place[sequence] = index;
      delaysMs[sequence] = (atNs - sentAt) / 1e6;
    } else duplicated[sequence] = true;
  });
  return { sent: length, delaysMs, duplicated, reordered: overtakers(place), corrupted };
}

/** Which packets came before one that was sent before them, by their places in the order of arrival. */
function overtakers(place: readonly (number | undefined)[]): boolean[] {
  let last = -1;
  return place.map((at) => {
    if (at === undefined) return false;
    const overtook = at < last;
    last = Math.max(last, at);
    return overtook;
  });
}

export function arrived({ delaysMs }: StreamResult): number[] {
  return delaysMs.filter((delay) => delay !== undefined);
}

export function oneWayFigures(
  result: StreamResult,
  throughput: { readonly udpBitPerSec: number | null; readonly tcpBitPerSec: number | null },
): OneWayFigures {
  const delays = arrived(result);
  return {
    sent: result.sent,
    received: delays.length,
    lost: result.sent - delays.length,
    duplicated: count(result.duplicated),
    reordered: count(result.reordered),
    corrupted: count(result.corrupted),
    delay: delayFigures(delays),
    ...throughput,
  };
}

export function count(flags: readonly boolean[]): number {
  return flags.reduce((sum, flag) => sum + (flag ? 1 : 0), 0);
}
