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
  /** A link of the namespace that this one knows by a number; undefined where it cannot be read. */
  linkOf(nsid: number, ifindex: number): Pick<Link, 'name' | 'address'> | undefined;
}

/** More than this many questions cost more than to look at the peer first. */
const FEW = 4;

interface End<S> {
  readonly space: S;
  readonly link: Link;
}

/**
 * The other ends of all veth pairs, by space and index. A link tells its peer's index and the number of
 * its namespace. Which namespace that is, only the reverse question answers, one namespace at a time;
 * so it is asked only for those where an interface points back at this one, and once for each pair.
 */
export function findPeers<S extends PeerSpace>(spaces: readonly S[]): Map<S, Map<number, Peer>> {
  const found = new Map(spaces.map((space) => [space, new Map<number, Peer>()]));
  const ends = crossingEnds(spaces);
  for (const [space, peers] of found) {
    for (const { link } of space.records.values()) {
      if (link.kind !== 'veth' || link.linkIfindex === undefined) continue;
      if (link.linkNetnsid === undefined) {
        peers.set(link.ifindex, describe(space, space.records.get(link.linkIfindex)?.link, link));
      } else if (!peers.get(link.ifindex)?.space) {
        const other = otherEnd({ space, link }, ends);
        peers.set(link.ifindex, describe(other?.space, other?.link, link));
        const back = other && found.get(other.space);
        // The other end's own record may be older than this end's move, and must not win.
        if (back && !back.get(other.link.ifindex)?.space) {
          back.set(other.link.ifindex, describe(space, link, other.link));
        }
      }
    }
  }
  return found;
}

function describe(space: PeerSpace | undefined, peer: Link | undefined, link: Link): Peer {
  return {
    space: space?.id ?? null,
    interface: peer?.name ?? null,
    ifindex: link.linkIfindex ?? 0,
  };
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

function otherEnd<S extends PeerSpace>(
  { space, link }: End<S>,
  ends: ReadonlyMap<string, readonly End<S>[]>,
): End<S> | undefined {
  const pointingBack = ends.get(`${link.linkIfindex} ${link.ifindex}`) ?? [];
  return likely({ space, link }, pointingBack).find(
    (other) => other.space.key !== space.key && space.nsidOf(other.space) === link.linkNetnsid,
  );
}

/** Where indexes do not tell much, as with a thousand equal pairs, what the peer looks like does. */
function likely<S extends PeerSpace>(
  { space, link }: End<S>,
  others: readonly End<S>[],
): readonly End<S>[] {
  if (others.length <= FEW) return others;
  const peer = space.linkOf(link.linkNetnsid ?? 0, link.linkIfindex ?? 0);
  if (!peer) return others;
  return others.filter((other) => {
    return other.link.address === peer.address && other.link.name === peer.name;
  });
}
