import { foldChecksum, readU16, sumWords, writeU16 } from '@netweir/kernel';
import { newPacket, type Packet } from './packet.ts';

/** The header of RFC 791 without options, which no translation makes. */
export const IPV4_HEADER_LENGTH = 20;

const DONT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS = 0x2000;
const OFFSET_MASK = 0x1fff;
const OFFSET_UNIT = 8;
const CHECKSUM_AT = 10;
export const IPV4_SOURCE_AT = 12;
const IPV4_DESTINATION_AT = 16;

/** What an IPv4 header says. */
export interface Ipv4Header {
  readonly typeOfService: number;
  readonly identification: number;
  readonly dontFragment: boolean;
  readonly moreFragments: boolean;
  /** Bytes. */
  readonly fragmentOffset: number;
  readonly timeToLive: number;
  readonly protocol: number;
  /** 4 bytes each. */
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** Bytes behind the header, as it says; an ICMP error may hold fewer. */
  readonly payloadLength: number;
  /** Where the header ends. */
  readonly payloadAt: number;
}

/** The header at a place; undefined where there is none. The addresses share the memory. */
export function readIpv4(bytes: Uint8Array, at: number, end: number): Ipv4Header | undefined {
  if (end - at < IPV4_HEADER_LENGTH) return undefined;
  const first = bytes[at] as number;
  const headerLength = (first & 0x0f) * 4;
  const payloadLength = readU16(bytes, at + 2) - headerLength;
  const isWhole = headerLength >= IPV4_HEADER_LENGTH && at + headerLength <= end;
  if (first >> 4 !== 4 || !isWhole || payloadLength < 0) return undefined;
  const flags = readU16(bytes, at + 6);
  return {
    typeOfService: bytes[at + 1] as number,
    identification: readU16(bytes, at + 4),
    dontFragment: (flags & DONT_FRAGMENT) !== 0,
    moreFragments: (flags & MORE_FRAGMENTS) !== 0,
    fragmentOffset: (flags & OFFSET_MASK) * OFFSET_UNIT,
    timeToLive: bytes[at + 8] as number,
    protocol: bytes[at + 9] as number,
    source: bytes.subarray(at + IPV4_SOURCE_AT, at + IPV4_DESTINATION_AT),
    destination: bytes.subarray(at + IPV4_DESTINATION_AT, at + IPV4_HEADER_LENGTH),
    payloadLength,
    payloadAt: at + headerLength,
  };
}

/** What a header of an unfragmented packet is to say. */
export type NewIpv4 = Omit<Ipv4Header, 'payloadAt' | 'moreFragments' | 'fragmentOffset'>;

/** A packet of its own memory. */
export function ipv4Packet(header: NewIpv4, payload: Uint8Array): Packet {
  const packet = newPacket(IPV4_HEADER_LENGTH + payload.length);
  writeIpv4(packet.bytes, packet.start, { ...header, payloadLength: payload.length });
  packet.bytes.set(payload, packet.start + IPV4_HEADER_LENGTH);
  return packet;
}

/** Writes a header with its checksum. */
export function writeIpv4(bytes: Uint8Array, at: number, header: NewIpv4): void {
  bytes[at] = 0x45;
  bytes[at + 1] = header.typeOfService;
  writeU16(bytes, at + 2, IPV4_HEADER_LENGTH + header.payloadLength);
  writeU16(bytes, at + 4, header.identification);
  writeU16(bytes, at + 6, header.dontFragment ? DONT_FRAGMENT : 0);
  bytes[at + 8] = header.timeToLive;
  bytes[at + 9] = header.protocol;
  writeU16(bytes, at + CHECKSUM_AT, 0);
  bytes.set(header.source, at + IPV4_SOURCE_AT);
  bytes.set(header.destination, at + IPV4_DESTINATION_AT);
  const sum = sumWords(bytes, at, at + IPV4_HEADER_LENGTH, 0);
  writeU16(bytes, at + CHECKSUM_AT, foldChecksum(sum));
}
