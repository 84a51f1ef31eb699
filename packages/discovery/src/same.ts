import { isDeepStrictEqual } from 'node:util';
import type { Counters, Peer } from '@netweir/api';
import type { DiscoveredInterface } from './model.ts';

/** Whether nothing but counters differs. */
export function sameInterface(a: DiscoveredInterface, b: DiscoveredInterface): boolean {
  return (
    a.ifindex === b.ifindex &&
    a.name === b.name &&
    a.kind === b.kind &&
    a.up === b.up &&
    a.carrier === b.carrier &&
    a.operstate === b.operstate &&
    a.mtu === b.mtu &&
    a.mac === b.mac &&
    a.master === b.master &&
    samePeer(a.peer, b.peer) &&
    isDeepStrictEqual(a.network, b.network) &&
    isDeepStrictEqual(a.addresses, b.addresses) &&
    (a.qdiscs === b.qdiscs || isDeepStrictEqual(a.qdiscs, b.qdiscs))
  );
}

export function samePeer(a: Peer | null, b: Peer | null): boolean {
  if (a === null || b === null) return a === b;
  return a.space === b.space && a.interface === b.interface && a.ifindex === b.ifindex;
}

/** Whether two readings are equal, whenever they were made. */
export function sameCounters(a: Counters, b: Omit<Counters, 'atMs'>): boolean {
  return (
    a.rxBytes === b.rxBytes &&
    a.txBytes === b.txBytes &&
    a.rxPackets === b.rxPackets &&
    a.txPackets === b.txPackets &&
    a.rxDropped === b.rxDropped &&
    a.txDropped === b.txDropped &&
    a.rxErrors === b.rxErrors &&
    a.txErrors === b.txErrors
  );
}
