import { addVeth } from '@netweir/kernel';
import type { LinkAddresses } from '../addressing/plan.ts';
import type { Link } from '../condition/conditions.ts';
import type { Member } from '../node/member.ts';
import { ethernetAddress } from '../stack/ethernet-address.ts';
import type { NetworkStack, StackInterface } from '../stack/network-stack.ts';

/** How a broken link is broken: packets take another way, or are lost without a word. */
export type BreakMode = 'reroute' | 'blackhole';

/** A link's end in one region. */
export interface RegionEnd {
  readonly region: Member;
  readonly interface: StackInterface;
  /** The addresses of the other end. */
  readonly gateway: { readonly ipv4: string; readonly ipv6: string };
}

/** A link between the backbones of two regions: a pair of veth interfaces between their routers. */
export interface RegionLink {
  readonly ends: readonly [RegionEnd, RegionEnd];
  readonly addresses: LinkAddresses;
  broken: BreakMode | null;
  /** What a packet waits from the first end to the second, and back. */
  delaysNs: readonly [number, number];
}

const MTU = 1500;
/** RFC 3021, RFC 6164 */
const LENGTHS = { ipv4: 31, ipv6: 127 } as const;

/** Makes a link, up, and without routes over it. */
export function connectRegions(a: Member, b: Member, addresses: LinkAddresses): RegionLink {
  const [mine, theirs] = addresses.ends;
  const ends = [endOf(a, mine, theirs), endOf(b, theirs, mine)] as const;
  const [near, far] = ends.map(({ region, interface: { name, ifindex } }, index) => ({
    ...{ name, ifindex, mtu: MTU, netnsFd: region.stack.namespace.fd },
    address: ethernetAddress((index === 0 ? mine : theirs).ipv4),
  }));
  if (!near || !far) throw new TypeError('a link has two ends');
  a.stack.change([addVeth(near, far)]);
  const link: RegionLink = { ends, addresses, broken: null, delaysNs: [0, 0] };
  try {
    for (const end of ends) {
      end.region.stack.attach(end.interface, [], true);
      end.region.links.set(end.interface.name, linkOf(link, end));
    }
    // As in Lan.ready: both see at once that the other end is up.
    for (const end of ends) end.region.stack.link({ ifindex: end.interface.ifindex });
  } catch (error) {
    disconnectRegions(link);
    throw error;
  }
  return link;
}

/** Takes both ends of a link away. */
export function disconnectRegions({ ends }: RegionLink): void {
  const [{ region, interface: end }] = ends;
  region.stack.deleteLink(end.ifindex);
  for (const { region: member, interface: entry } of ends) {
    member.links.delete(entry.name);
    if (member.stack.interfaceNames.includes(entry.name)) member.stack.detach(entry.name);
  }
}

/** A link as seen from one of its ends. */
export function linkOf({ ends }: RegionLink, from: RegionEnd): Link {
  const other = ends[0] === from ? ends[1] : ends[0];
  return { near: place(from), far: place(other) };
}

/** Interfaces are not named after regions, whose names may be longer. */
function endOf(
  region: Member,
  own: { readonly ipv4: string; readonly ipv6: string },
  gateway: { readonly ipv4: string; readonly ipv6: string },
): RegionEnd {
  const ifindex = region.stack.takeIfindex();
  const addresses = [`${own.ipv4}/${LENGTHS.ipv4}`, `${own.ipv6}/${LENGTHS.ipv6}`];
  const name = `link${ifindex}`;
  return { region, interface: { name, ifindex, addresses, ipv6: true }, gateway };
}

function place({ region, interface: { name, ifindex } }: RegionEnd): {
  stack: NetworkStack;
  name: string;
  ifindex: number;
} {
  return { stack: region.stack, name, ifindex };
}
