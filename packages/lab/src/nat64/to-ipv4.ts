import { sumWords } from '@netweir/kernel';
import { EMBEDDED_AT, isNat64At } from './address.ts';
import { errorToIpv4 } from './icmp-error.ts';
import { IPV4_HEADER_LENGTH, IPV4_SOURCE_AT, type NewIpv4, writeIpv4 } from './ipv4.ts';
import { IPV6_HEADER_LENGTH, IPV6_MINIMUM_MTU, type Ipv6Header } from './ipv6.ts';
import { IPPROTO_ICMP, IPPROTO_ICMPV6, type Packet } from './packet.ts';
import { hopLimitAfter, type Nat64State } from './state.ts';
import {
  changeTransport,
  completeTransport,
  icmpv6Pseudo,
  readPorts,
  readTcpFlags,
  writeIcmpChecksum,
} from './transport.ts';

/** The longest IPv4 packet that an IPv6 packet of the minimum MTU makes (RFC 7915 section 5.1). */
const LONGEST_SMALL = IPV6_MINIMUM_MTU - IPV6_HEADER_LENGTH + IPV4_HEADER_LENGTH;

/**
 * A client's packet of TCP, UDP or an echo as one of IPv4, in its own memory; undefined where it has no
 * binding. What was fragmented before may be so again.
 */
export function packetToIpv4(
  given: Packet,
  header: Ipv6Header,
  wasFragmented: boolean,
  state: Nat64State,
): Packet | undefined {
  const { source: client, payloadAt, payloadLength } = header;
  const end = payloadAt + payloadLength;
  const ports = readPorts(given.bytes, payloadAt, end, header.protocol);
  if (!ports) return undefined;
  const isIcmp = header.protocol === IPPROTO_ICMPV6;
  const packet = isIcmp ? completeTransport(given, payloadAt, header.protocol) : given;
  const { bytes, isPartial } = packet;
  const protocol = isIcmp ? IPPROTO_ICMP : header.protocol;
  // The new header overwrites it.
  const destination = header.destination.slice(EMBEDDED_AT);
  const remote = { address: destination, port: isIcmp ? 0 : ports.destination };
  const tcpFlags = readTcpFlags(bytes, payloadAt, end, protocol);
  const binding = state.bindings.outward(protocol, client, ports.source, remote, tcpFlags);
  if (!binding) return undefined;
  const addresses = sumWords(client, 0, 16, sumWords(header.destination, 0, 16, 0));
  const start = payloadAt - IPV4_HEADER_LENGTH;
  writeIpv4(bytes, start, {
    ...ipv4From(header, protocol, payloadLength, state),
    dontFragment: !wasFragmented && end - start > LONGEST_SMALL,
    destination,
  });
  changeTransport(bytes, payloadAt, end, header.protocol, {
    side: 'source',
    port: binding.port,
    before: isIcmp ? icmpv6Pseudo(addresses, payloadLength) : addresses,
    after: isIcmp ? 0 : sumWords(bytes, start + IPV4_SOURCE_AT, payloadAt, 0),
    isPartial,
  });
  return { ...packet, start, end };
}

/** An ICMPv6 error to an IPv4 host as one of ICMP; undefined for what is not translated. */
export function errorPacketToIpv4(
  { bytes }: Packet,
  header: Ipv6Header,
  state: Nat64State,
): Packet | undefined {
  const { source, destination, payloadAt, payloadLength } = header;
  const end = payloadAt + payloadLength;
  const message = errorToIpv4(bytes, payloadAt, end, state);
  if (!message) return undefined;
  const start = message.start - IPV4_HEADER_LENGTH;
  writeIpv4(message.bytes, start, {
    ...ipv4From(header, IPPROTO_ICMP, message.end - message.start, state),
    // A router of IPv6 alone has no IPv4 address to speak from but the translator's.
    source: isNat64At(source, 0) ? source.subarray(EMBEDDED_AT) : state.pool,
    destination: destination.subarray(EMBEDDED_AT),
    dontFragment: false,
  });
  writeIcmpChecksum(message, 0);
  return { ...message, start };
}

function ipv4From(
  { trafficClass, hopLimit }: Ipv6Header,
  protocol: number,
  payloadLength: number,
  { pool, nextIdentification }: Nat64State,
): Omit<NewIpv4, 'destination' | 'dontFragment'> {
  return {
    typeOfService: trafficClass,
    identification: nextIdentification(),
    timeToLive: hopLimitAfter(hopLimit),
    protocol,
    source: pool,
    payloadLength,
  };
}
