import {
  type InterfaceNetwork,
  interfaceAddress,
  interfaceCounters,
  type Peer,
} from '@netweir/api';
import type { Link } from '@netweir/kernel';
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

/** An interface as the outside sees it. */
export function viewOf(record: InterfaceRecord, relations: Relations): DiscoveredInterface {
  const { link } = record;
  const mac = link.address ?? null;
  const addresses = record.addresses.map(interfaceAddress);
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
    counters: interfaceCounters(link.stats, record.atMs),
  };
}

/** The driver's name for the interface; hardware has none. */
export function kindOf(link: Pick<Link, 'kind' | 'loopback'>): string {
  return link.kind ?? (link.loopback ? 'loopback' : 'physical');
}
