import { sumWords } from '@netweir/kernel';
import { nat64Bytes } from './address.ts';
import { errorToIpv6 } from './icmp-error.ts';
import type { Ipv4Header } from './ipv4.ts';
import {
  FRAGMENT_HEADER_LENGTH,
  IPV6_HEADER_LENGTH,
  IPV6_MINIMUM_MTU,
  IPV6_SOURCE_AT,
  type NewIpv6,
  writeFragment,
  writeIpv6,
} from './ipv6.ts';
import {
  contentOf,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_UDP,
  newPacket,
  type Packet,
} from './packet.ts';
import { hopLimitAfter, type Nat64State } from './state.ts';
import {
  addUdpChecksum,
  changeTransport,
  completeTransport,
  icmpv6Pseudo,
  readPorts,
  readTcpFlags,
  writeIcmpChecksum,
} from './transport.ts';

/** RFC 6146 leaves the choice: what every link carries needs no discovery of the path's MTU. */
const PIECE_LENGTH = (IPV6_MINIMUM_MTU - IPV6_HEADER_LENGTH - FRAGMENT_HEADER_LENGTH) & ~7;

/**
 * A packet of TCP, UDP or an echo to the translator's address as one to a client: in its own memory, or in
 * fragments where it is long and may be fragmented. Nothing where no client has the port.
 */
export function packetToIpv6(
  given: Packet,
  header: Ipv4Header,
  state: Nat64State,
): readonly Packet[] {
  const { payloadAt, payloadLength } = header;
  const end = payloadAt + payloadLength;
  const ports = readPorts(given.bytes, payloadAt, end, header.protocol);
  if (!ports) return [];
  const isIcmp = header.protocol === IPPROTO_ICMP;
  const isLong = IPV6_HEADER_LENGTH + payloadLength > IPV6_MINIMUM_MTU;
  const isCut = isLong && !header.dontFragment && !given.isSegmented;
  const packet = isIcmp || isCut ? completeTransport(given, payloadAt, header.protocol) : given;
  const { bytes, isPartial } = packet;
  const remote = { address: header.source, port: isIcmp ? 0 : ports.source };
  const tcpFlags = readTcpFlags(bytes, payloadAt, end, header.protocol);
  const { bindings } = state;
  const binding = bindings.inward(header.protocol, ports.destination, remote, tcpFlags);
  if (!binding) return [];
  const addresses = sumWords(header.source, 0, 4, sumWords(header.destination, 0, 4, 0));
  const start = payloadAt - IPV6_HEADER_LENGTH;
  const protocol = isIcmp ? IPPROTO_ICMPV6 : header.protocol;
  writeIpv6(bytes, start, ipv6From(header, protocol, payloadLength, binding.client));
  const after = sumWords(bytes, start + IPV6_SOURCE_AT, payloadAt, 0);
  changeTransport(bytes, payloadAt, end, header.protocol, {
    side: 'destination',
    port: binding.clientPort,
    before: isIcmp ? 0 : addresses,
    after: isIcmp ? icmpv6Pseudo(after, payloadLength) : after,
    isPartial,
  });
  if (protocol === IPPROTO_UDP && !isPartial) {
    addUdpChecksum(bytes, payloadAt, end, after + payloadLength + IPPROTO_UDP);
  }
  const whole = { ...packet, start, end };
  return isCut ? cut(whole, protocol, state.nextIdentification()) : [whole];
}

/** An ICMP error to the translator's address as one of ICMPv6; undefined for what is not translated. */
export function errorPacketToIpv6(
  { bytes }: Packet,
  header: Ipv4Header,
  { bindings }: Nat64State,
): Packet | undefined {
  const { payloadAt, payloadLength } = header;
  const error = errorToIpv6(bytes, payloadAt, payloadAt + payloadLength, bindings);
  if (!error) return undefined;
  const { message, client } = error;
  const length = message.end - message.start;
  const start = message.start - IPV6_HEADER_LENGTH;
  writeIpv6(message.bytes, start, ipv6From(header, IPPROTO_ICMPV6, length, client));
  const addresses = sumWords(message.bytes, start + IPV6_SOURCE_AT, message.start, 0);
  writeIcmpChecksum(message, icmpv6Pseudo(addresses, length));
  return { ...message, start };
}

function ipv6From(
  { typeOfService, timeToLive, source }: Ipv4Header,
  protocol: number,
  payloadLength: number,
  client: Uint8Array,
): NewIpv6 {
  return {
    trafficClass: typeOfService,
    hopLimit: hopLimitAfter(timeToLive),
    protocol,
    source: nat64Bytes(source),
    destination: client,
    payloadLength,
  };
}

/** A packet without extension headers in fragments. */
function cut({ bytes, start, end }: Packet, protocol: number, identification: number): Packet[] {
  const payload = bytes.subarray(start + IPV6_HEADER_LENGTH, end);
  return Array.from({ length: Math.ceil(payload.length / PIECE_LENGTH) }, (_, index) => {
    const offset = index * PIECE_LENGTH;
    const piece = payload.subarray(offset, offset + PIECE_LENGTH);
    const packet = newPacket(IPV6_HEADER_LENGTH + FRAGMENT_HEADER_LENGTH + piece.length);
    const content = contentOf(packet);
    content.set(bytes.subarray(start, start + IPV6_HEADER_LENGTH));
    const more = offset + piece.length < payload.length;
    writeFragment(content, protocol, { offset, more, identification });
    content.set(piece, IPV6_HEADER_LENGTH + FRAGMENT_HEADER_LENGTH);
    return packet;
  });
}
