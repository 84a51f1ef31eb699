import type { Address, Counters, InterfaceNetwork, Peer } from '@netweir/api';
import type { InterfaceAddress, Link, LinkStats } from '@netweir/kernel';
import type { Attached } from './containers/network.ts';
import type { DiscoveredInterface } from './model.ts';
import type { InterfaceRecord } from './record.ts';

/** What an interface's own record does not say. */
export interface Relations {
  /** The name of the interface that this one is a port of. */
  readonly master: string | null;
  readonly peer: Peer | null;
  readonly networkOf: (attached: Attached) => InterfaceNetwork | null;
}

/** RT_SCOPE_* (linux/rtnetlink.h); the numbers between them are for users and reach up to a site. */
const SCOPES = new Map<number, Address['scope']>([
  [0, 'global'],
  [200, 'site'],
  [253, 'link'],
  [254, 'host'],
  [255, 'nowhere'],
]);

/** An interface as the outside sees it. */
export function viewOf(record: InterfaceRecord, relations: Relations): DiscoveredInterface {
  const { link } = record;
  const mac = link.address ?? null;
  const addresses = record.addresses.map(addressOf);
  return {
    ifindex: link.ifindex,
    name: link.name,
    kind: kindOf(link),
    up: link.up,
    carrier: link.carrier,
    operstate: link.operstate,
    mtu: link.mtu,
    mac,
    addresses,
    master: relations.master,
    peer: relations.peer,
    network: relations.networkOf({ mac, addresses }),
    qdiscs: record.qdiscs,
    counters: countersOf(link.stats, record.atMs),
  };
}

/** The driver's name for the interface; hardware has none. */
export function kindOf(link: Pick<Link, 'kind' | 'loopback'>): string {
  return link.kind ?? (link.loopback ? 'loopback' : 'physical');
}

export function countersOf(stats: LinkStats | undefined, atMs: number): Counters {
  return {
    atMs,
    rxBytes: stats?.rxBytes ?? 0,
    txBytes: stats?.txBytes ?? 0,
    rxPackets: stats?.rxPackets ?? 0,
    txPackets: stats?.txPackets ?? 0,
    rxDropped: stats?.rxDropped ?? 0,
    txDropped: stats?.txDropped ?? 0,
    rxErrors: stats?.rxErrors ?? 0,
    txErrors: stats?.txErrors ?? 0,
  };
}

function addressOf({ address, prefixLength, family, scope }: InterfaceAddress): Address {
  return {
    address,
    prefixLength,
    family: family === 4 ? 'ipv4' : 'ipv6',
    scope: SCOPES.get(scope) ?? 'site',
  };
}
