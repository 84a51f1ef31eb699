import { readU16, writeU16 } from '@netweir/kernel';
import { newPacket, type Packet } from './packet.ts';

/** The header of RFC 8200 section 3. */
export const IPV6_HEADER_LENGTH = 40;
export const FRAGMENT_HEADER_LENGTH = 8;
export const IPV6_SOURCE_AT = 8;
const IPV6_DESTINATION_AT = 24;
/** RFC 8200 section 5: what every link carries. */
export const IPV6_MINIMUM_MTU = 1280;

const PAYLOAD_LENGTH_AT = 4;
const NEXT_HEADER_AT = 6;
const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const DESTINATION_OPTIONS = 60;
const EXTENSION_UNIT = 8;
const MORE_FRAGMENTS = 1;
const OFFSET_MASK = 0xfff8;

/** What a Fragment header says (RFC 8200 section 4.5). */
export interface Ipv6Fragment {
  /** Bytes. */
  readonly offset: number;
  readonly more: boolean;
  readonly identification: number;
}

/** What an IPv6 header and its extensions say. */
export interface Ipv6Header {
  readonly trafficClass: number;
  readonly hopLimit: number;
  /** Of what is behind all extension headers. */
  readonly protocol: number;
  /** 16 bytes each. */
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly fragment: Ipv6Fragment | undefined;
  /** Bytes behind all extension headers, as the header says; an ICMP error may hold fewer. */
  readonly payloadLength: number;
  /** Where the extension headers end. */
  readonly payloadAt: number;
}

/** The header at a place; undefined where there is none. The addresses share the memory. */
export function readIpv6(bytes: Uint8Array, at: number, end: number): Ipv6Header | undefined {
  if (end - at < IPV6_HEADER_LENGTH || (bytes[at] as number) >> 4 !== 6) return undefined;
  const chain = followExtensions(bytes, at, end);
  const payloadLength =
    at + IPV6_HEADER_LENGTH + readU16(bytes, at + PAYLOAD_LENGTH_AT) - chain.payloadAt;
  if (chain.payloadAt > end || payloadLength < 0) return undefined;
  return {
    trafficClass: (readU16(bytes, at) >> 4) & 0xff,
    hopLimit: bytes[at + 7] as number,
    source: bytes.subarray(at + IPV6_SOURCE_AT, at + IPV6_DESTINATION_AT),
    destination: bytes.subarray(at + IPV6_DESTINATION_AT, at + IPV6_HEADER_LENGTH),
    payloadLength,
    ...chain,
  };
}

/** What a header without extensions is to say. */
export type NewIpv6 = Omit<Ipv6Header, 'payloadAt' | 'fragment'>;

/** A packet of its own memory. */
export function ipv6Packet(header: NewIpv6, payload: Uint8Array): Packet {
  const packet = newPacket(IPV6_HEADER_LENGTH + payload.length);
  writeIpv6(packet.bytes, packet.start, { ...header, payloadLength: payload.length });
  packet.bytes.set(payload, packet.start + IPV6_HEADER_LENGTH);
  return packet;
}

/** Writes a header, with a flow label of zero (RFC 7915 section 4.1). */
export function writeIpv6(bytes: Uint8Array, at: number, header: NewIpv6): void {
  writeU16(bytes, at, 0x6000 | (header.trafficClass << 4));
  writeU16(bytes, at + 2, 0);
  writeU16(bytes, at + PAYLOAD_LENGTH_AT, header.payloadLength);
  bytes[at + NEXT_HEADER_AT] = header.protocol;
  bytes[at + 7] = header.hopLimit;
  bytes.set(header.source, at + IPV6_SOURCE_AT);
  bytes.set(header.destination, at + IPV6_DESTINATION_AT);
}

/** Makes a whole packet's header that of a fragment which fills `packet`, and writes the Fragment header. */
export function writeFragment(
  packet: Uint8Array,
  protocol: number,
  { offset, more, identification }: Ipv6Fragment,
): void {
  const at = IPV6_HEADER_LENGTH;
  packet[NEXT_HEADER_AT] = FRAGMENT;
  writeU16(packet, PAYLOAD_LENGTH_AT, packet.length - IPV6_HEADER_LENGTH);
  packet[at] = protocol;
  packet[at + 1] = 0;
  writeU16(packet, at + 2, offset | (more ? MORE_FRAGMENTS : 0));
  writeU16(packet, at + 4, identification >>> 16);
  writeU16(packet, at + 6, identification & 0xffff);
}

function followExtensions(
  bytes: Uint8Array,
  at: number,
  end: number,
): Pick<Ipv6Header, 'protocol' | 'payloadAt' | 'fragment'> {
  let protocol = bytes[at + NEXT_HEADER_AT] as number;
  let payloadAt = at + IPV6_HEADER_LENGTH;
  let fragment: Ipv6Fragment | undefined;
  while (payloadAt + EXTENSION_UNIT <= end && isExtension(protocol)) {
    const here = payloadAt;
    if (protocol === FRAGMENT) {
      fragment = readFragment(bytes, here);
      payloadAt += FRAGMENT_HEADER_LENGTH;
    } else payloadAt += EXTENSION_UNIT * (1 + (bytes[here + 1] as number));
    protocol = bytes[here] as number;
    if (fragment && fragment.offset > 0) break;
  }
  return { protocol, payloadAt, fragment };
}

/** Those that a translation leaves out (RFC 7915 section 5.1). */
function isExtension(protocol: number): boolean {
  return [HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION_OPTIONS].includes(protocol);
}

function readFragment(bytes: Uint8Array, at: number): Ipv6Fragment {
  const word = readU16(bytes, at + 2);
  return {
    offset: word & OFFSET_MASK,
    more: (word & MORE_FRAGMENTS) !== 0,
    identification: readU16(bytes, at + 4) * 0x1_0000 + readU16(bytes, at + 6),
  };
}
