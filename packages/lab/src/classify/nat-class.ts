import type { NatFiltering, NatPorts } from '@netweir/api';
import type { SocketAddress } from '../code/sockets.ts';

/**
 * Which external address and port a client gets (RFC 4787 section 4.1): its own, since nothing translates;
 * one for all destinations; one for each address; one for each address and port.
 */
export type ObservedMapping =
  | 'none'
  | 'endpoint-independent'
  | 'address-dependent'
  | 'address-and-port-dependent';

/** The names of RFC 3489 section 5, under which these combinations are known in the field. */
export type NatClassName =
  | 'open-internet'
  | 'symmetric-firewall'
  | 'full-cone'
  | 'restricted-cone'
  | 'port-restricted-cone'
  | 'symmetric';

/** What is between a node and the exchange, as it looks from inside. */
export interface NatClass {
  readonly name: NatClassName;
  readonly mapping: ObservedMapping;
  /** From whom a port accepts that has sent something (RFC 4787 section 5). */
  readonly filtering: NatFiltering;
  /** Whether external ports are those of the node. */
  readonly ports: NatPorts;
  /** Whether two ports of the node reach each other by their external addresses; not without any. */
  readonly hairpin: boolean;
  /** How the node is seen. */
  readonly externalAddress: string;
}

/** How one socket is seen by servers at two addresses and two ports. */
export interface Sightings {
  readonly local: SocketAddress;
  readonly first: SocketAddress;
  /** By another address with the same port. */
  readonly otherAddress: SocketAddress;
  /** By that address with another port. */
  readonly otherPort: SocketAddress;
}

/** RFC 5780 section 4.3. */
export function mappingOf({ local, first, otherAddress, otherPort }: Sightings): ObservedMapping {
  if (isSame(first, otherAddress) && isSame(otherAddress, otherPort)) {
    return isSame(first, local) ? 'none' : 'endpoint-independent';
  }
  return isSame(otherAddress, otherPort) ? 'address-dependent' : 'address-and-port-dependent';
}

/** RFC 5780 section 4.4: what came from an address, and from a port, to which nothing was sent. */
export function filteringOf(heard: {
  readonly fromOtherAddress: boolean;
  readonly fromOtherPort: boolean;
}): NatFiltering {
  if (heard.fromOtherAddress) return 'endpoint-independent';
  return heard.fromOtherPort ? 'address-dependent' : 'address-and-port-dependent';
}

export function nameOf(mapping: ObservedMapping, filtering: NatFiltering): NatClassName {
  if (mapping === 'none') {
    return filtering === 'endpoint-independent' ? 'open-internet' : 'symmetric-firewall';
  }
  if (mapping !== 'endpoint-independent') return 'symmetric';
  const names = {
    'endpoint-independent': 'full-cone',
    'address-dependent': 'restricted-cone',
    'address-and-port-dependent': 'port-restricted-cone',
  } as const;
  return names[filtering];
}

function isSame(a: SocketAddress, b: SocketAddress): boolean {
  return a.address === b.address && a.port === b.port;
}
