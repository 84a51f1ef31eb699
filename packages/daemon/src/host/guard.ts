import { type Caller, isNetweirError, type TrafficMatch } from '@netweir/api';
import type { DiscoveredInterface, DiscoveredSpace, Discovery } from '@netweir/discovery';
import { outgoingInterface, type Reachable } from '@netweir/impair';
import { findPeer } from './reach.ts';

const LOOPBACK = /^(?:127\.|::1$)/u;

/** From where on an interface a connection is seen. */
type Side = 'server' | 'client';

/**
 * What must pass an interface untouched so that callers stay connected and can connect anew, neighbour discovery
 * of IPv6 included; nothing where the interface carries none of them.
 */
export function guardedAt(
  discovery: Discovery,
  at: Reachable,
  callers: readonly Caller[],
): TrafficMatch[] {
  const own = discovery.space('host');
  if (!own) return [];
  return callers.flatMap((caller) =>
    sidesOf(discovery, own, at, caller).flatMap((side) => matchesOf(caller, side)),
  );
}

/** Whether an impairment failed because part of the traffic cannot be let pass by this kernel. */
export function isImpossible(error: unknown): boolean {
  return isNetweirError(error) && /^kernel-lacks-/u.test(error.code);
}

/** On which side of the connection an interface is that carries it; none where it does not. */
function sidesOf(
  discovery: Discovery,
  own: DiscoveredSpace,
  at: Reachable,
  { client }: Caller,
): Side[] {
  const isOwn = at.namespace.key === own.namespace.key;
  if (LOOPBACK.test(client)) return isOwn && at.interface === 'lo' ? ['server', 'client'] : [];
  const out = own.interfaces.get(outgoingInterface(own, client) ?? -1);
  if (!out) return [];
  const carriers = [out, ...portsOf(own, out)];
  if (isOwn && carriers.some(({ ifindex }) => ifindex === at.ifindex)) return ['server'];
  const ends = carriers.flatMap((one) =>
    [findPeer(discovery, one)].filter((end) => end !== undefined),
  );
  const isEnd = ends.some(
    ([space, one]) => space.namespace.key === at.namespace.key && one.ifindex === at.ifindex,
  );
  return isEnd ? ['client'] : [];
}

/** The ports of a bridge, one of which it is. */
function portsOf(
  { interfaces }: DiscoveredSpace,
  { name }: DiscoveredInterface,
): DiscoveredInterface[] {
  return [...interfaces.values()].filter(({ master }) => master === name);
}

const IPPROTO_ICMPV6 = 58;

function matchesOf({ client, server, port }: Caller, side: Side): TrafficMatch[] {
  const ports = [String(port)];
  const [remote, local] = side === 'server' ? [client, server] : [server, client];
  const own = side === 'server' ? { localPorts: ports } : { remotePorts: ports };
  const connection: TrafficMatch = { remote: [remote], local: [local], ...own, protocol: 'tcp' };
  if (!client.includes(':')) return [connection];
  // RFC 4861: a neighbour is asked for by multicast, and answers by unicast.
  return [connection, { remote: [remote, 'ff02::/16', 'fe80::/10'], protocol: IPPROTO_ICMPV6 }];
}
