import type { Peer } from '@netweir/api';
import type { Link } from '@netweir/kernel';
import type { InterfaceRecord } from './record.ts';

/** What finding peers needs to know about a space. */
export interface PeerSpace {
  readonly id: string;
  /** The same for all names of one namespace. */
  readonly key: string;
  readonly records: ReadonlyMap<number, InterfaceRecord>;
  /** The number by which this namespace knows another; NETNSA_NSID_NOT_ASSIGNED where it knows none. */
  nsidOf(other: this): number;
}

interface End<S> {
  readonly space: S;
  readonly link: Link;
}

/**
 * The other ends of all veth pairs, by space and index. A link tells its peer's index, and the number
 * of its namespace. Which namespace that is, only the reverse question answers, one namespace at a
 * time; so it is asked only for those where an interface points back at this one.
 */
export function findPeers<S extends PeerSpace>(spaces: readonly S[]): Map<S, Map<number, Peer>> {
  const ends = crossingEnds(spaces);
  return new Map(
    spaces.map((space) => {
      const peers = new Map<number, Peer>();
      for (const { link } of space.records.values()) {
        const peer = peerOf({ space, link }, ends);
        if (peer) peers.set(link.ifindex, peer);
      }
      return [space, peers];
    }),
  );
}

function crossingEnds<S extends PeerSpace>(spaces: readonly S[]): Map<string, End<S>[]> {
  const ends = new Map<string, End<S>[]>();
  for (const space of spaces) {
    for (const { link } of space.records.values()) {
      if (link.kind !== 'veth' || link.linkNetnsid === undefined) continue;
      const pair = `${link.ifindex} ${link.linkIfindex}`;
      const same = ends.get(pair);
      if (same) same.push({ space, link });
      else ends.set(pair, [{ space, link }]);
    }
  }
  return ends;
}

function peerOf<S extends PeerSpace>(
  { space, link }: End<S>,
  ends: ReadonlyMap<string, readonly End<S>[]>,
): Peer | undefined {
  const ifindex = link.linkIfindex;
  if (link.kind !== 'veth' || ifindex === undefined) return undefined;
  if (link.linkNetnsid === undefined) {
    return { space: space.id, interface: space.records.get(ifindex)?.link.name ?? null, ifindex };
  }
  const end = ends
    .get(`${ifindex} ${link.ifindex}`)
    ?.find(
      (other) => other.space.key !== space.key && space.nsidOf(other.space) === link.linkNetnsid,
    );
  return { space: end?.space.id ?? null, interface: end?.link.name ?? null, ifindex };
}
