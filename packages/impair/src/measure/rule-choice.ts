import { isIP } from 'node:net';
import {
  type Direction,
  type ImpairmentReport,
  type MechanismCounters,
  parsePorts,
  type TrafficMatch,
  type TrafficRuleReport,
} from '@netweir/api';
import { networkOf, parseIpAddress, parseIpPrefix } from '@netweir/kernel';

/** What rules ask about packets of ours. */
export interface Packet {
  readonly source: string;
  readonly destination: string;
  readonly protocol: 'udp' | 'tcp' | 'icmp';
  readonly sourcePort?: number | undefined;
  readonly destinationPort?: number | undefined;
}

/** What is in force for a packet that passes an interface; `set` is null where it passes untouched. */
export interface Chosen {
  readonly set: Direction | null;
  readonly counters: MechanismCounters | null;
}

/** The first rule that a packet matches and that says something for its direction, or the interface's own. */
export function chosenFor(
  report: ImpairmentReport,
  direction: 'egress' | 'ingress',
  packet: Packet,
): Chosen {
  const rule = report.rules.find(
    (one) => (one.exclude || one[direction] !== null) && isMatch(one, direction, packet),
  );
  if (rule?.exclude) return { set: null, counters: null };
  const from = rule ?? report;
  return { set: from[direction], counters: from[`${direction}Counters`] };
}

const NUMBERS = { icmp: [1, 58], tcp: [6], udp: [17], sctp: [132] } as const;

function isMatch(
  { match, addresses }: TrafficRuleReport,
  direction: 'egress' | 'ingress',
  packet: Packet,
): boolean {
  const sends = direction === 'egress';
  const [remote, local] = sends
    ? [packet.destination, packet.source]
    : [packet.source, packet.destination];
  const [remotePort, localPort] = sends
    ? [packet.destinationPort, packet.sourcePort]
    : [packet.sourcePort, packet.destinationPort];
  return (
    (match.family === undefined || match.family === isIP(remote)) &&
    // Probes carry no code point.
    (match.dscp ?? 0) === 0 &&
    isProtocol(match.protocol, packet) &&
    isAmong([...(match.remote ?? []), ...(addresses ?? [])], match.remote, remote) &&
    isAmong(match.local ?? [], match.local, local) &&
    isPort(match.remotePorts, remotePort) &&
    isPort(match.localPorts, localPort)
  );
}

function isProtocol(protocol: TrafficMatch['protocol'], { protocol: own }: Packet): boolean {
  if (protocol === undefined) return true;
  const wanted: readonly number[] = typeof protocol === 'number' ? [protocol] : NUMBERS[protocol];
  return NUMBERS[own].some((number) => wanted.includes(number));
}

function isPort(ranges: readonly string[] | undefined, port: number | undefined): boolean {
  if (ranges === undefined) return true;
  return (
    port !== undefined &&
    ranges.some((text) => {
      const range = parsePorts(text);
      return range !== undefined && range.first <= port && port <= range.last;
    })
  );
}

function isAmong(
  ends: readonly string[],
  given: readonly string[] | undefined,
  address: string,
): boolean {
  if (given === undefined) return true;
  return ends.some((end) => isIn(end, address));
}

function isIn(end: string, address: string): boolean {
  const [host = ''] = end.split('/');
  // Names are in the report by their addresses.
  if (isIP(host) === 0 || isIP(host) !== isIP(address)) return false;
  const network = parseIpPrefix(end);
  const { bytes } = parseIpAddress(address);
  const wanted = networkOf(network);
  const has = networkOf({ ...network, bytes });
  return wanted.every((byte, index) => byte === has[index]);
}
