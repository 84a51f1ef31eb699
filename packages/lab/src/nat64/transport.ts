import { foldChecksum, readU16, sumWords, writeTransportChecksum, writeU16 } from '@netweir/kernel';
import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_TCP, IPPROTO_UDP, type Packet } from './packet.ts';

const ECHO_IDENTIFIER_AT = 4;
const TCP_FLAGS_AT = 13;
const UDP_HEADER_LENGTH = 8;

/** Where the checksum is, by the protocol's number in IPv4 and in IPv6. */
const CHECKSUM_AT: Readonly<Record<number, number>> = {
  [IPPROTO_TCP]: 16,
  [IPPROTO_UDP]: 6,
  [IPPROTO_ICMP]: 2,
  [IPPROTO_ICMPV6]: 2,
};
/** Types of echoes in the other protocol (RFC 792, RFC 4443). */
const ECHO_TYPES: Readonly<Record<number, Readonly<Record<number, number>>>> = {
  [IPPROTO_ICMP]: { 8: 128, 0: 129 },
  [IPPROTO_ICMPV6]: { 128: 8, 129: 0 },
};

/** The ports of a transport header; of an echo both are its identifier. */
export interface Ports {
  readonly source: number;
  readonly destination: number;
}

/** What becomes of a transport header. */
export interface TransportChange {
  /** Which port is replaced, and by what. */
  readonly side: keyof Ports;
  readonly port: number;
  /** The sums of what leaves the pseudo-header and of what comes into it. */
  readonly before: number;
  readonly after: number;
  /** See `Packet`. */
  readonly isPartial: boolean;
}

/** Whether an ICMP message is an echo request or reply. */
export function isEcho(bytes: Uint8Array, at: number, protocol: number): boolean {
  return ECHO_TYPES[protocol]?.[bytes[at] as number] !== undefined;
}

/** The ports; undefined where the protocol has none that is translated, or the packet ends before. */
export function readPorts(
  bytes: Uint8Array,
  at: number,
  end: number,
  protocol: number,
): Ports | undefined {
  if (at + ECHO_IDENTIFIER_AT + 2 > end || CHECKSUM_AT[protocol] === undefined) return undefined;
  if (ECHO_TYPES[protocol] === undefined) {
    return { source: readU16(bytes, at), destination: readU16(bytes, at + 2) };
  }
  if (!isEcho(bytes, at, protocol)) return undefined;
  const identifier = readU16(bytes, at + ECHO_IDENTIFIER_AT);
  return { source: identifier, destination: identifier };
}

/** The flags of a TCP header; 0 of anything else. */
export function readTcpFlags(bytes: Uint8Array, at: number, end: number, protocol: number): number {
  if (protocol !== IPPROTO_TCP || at + TCP_FLAGS_AT >= end) return 0;
  return bytes[at + TCP_FLAGS_AT] as number;
}

/**
 * Changes a transport header in place, of a packet whose protocol is `protocol` until then, and its
 * checksum by the difference (RFC 1624). A UDP checksum of zero stays: there is none.
 */
export function changeTransport(
  bytes: Uint8Array,
  at: number,
  end: number,
  protocol: number,
  change: TransportChange,
): void {
  let { before, after } = change;
  const changeWord = (where: number, value: number): void => {
    before += change.isPartial ? 0 : readU16(bytes, where);
    after += change.isPartial ? 0 : value;
    writeU16(bytes, where, value);
  };
  const echoes = ECHO_TYPES[protocol];
  if (echoes) {
    const type = echoes[bytes[at] as number] ?? 0;
    changeWord(at, (type << 8) | (bytes[at + 1] as number));
    changeWord(at + ECHO_IDENTIFIER_AT, change.port);
  } else changeWord(change.side === 'source' ? at : at + 2, change.port);
  const checksumAt = at + (CHECKSUM_AT[protocol] ?? 0);
  if (checksumAt + 2 > end) return;
  const checksum = readU16(bytes, checksumAt);
  if (change.isPartial) {
    const sum = checksum + foldChecksum(before) + after;
    writeU16(bytes, checksumAt, ~foldChecksum(sum) & 0xffff);
  } else if (checksum !== 0 || protocol !== IPPROTO_UDP) {
    const sum = (~checksum & 0xffff) + foldChecksum(before) + after;
    writeTransportChecksum(bytes, checksumAt, foldChecksum(sum));
  }
}

/** Completes what `isPartial` says is missing. */
export function completeTransport(packet: Packet, at: number, protocol: number): Packet {
  if (!packet.isPartial) return packet;
  const { bytes, end } = packet;
  const checksum = foldChecksum(sumWords(bytes, at, end, 0));
  writeTransportChecksum(bytes, at + (CHECKSUM_AT[protocol] ?? 0), checksum);
  return { ...packet, isPartial: false };
}

/** Gives a whole UDP datagram the checksum that IPv6 wants; `pseudo` is the pseudo-header's sum. */
export function addUdpChecksum(bytes: Uint8Array, at: number, end: number, pseudo: number): void {
  const checksumAt = at + (CHECKSUM_AT[IPPROTO_UDP] ?? 0);
  if (at + UDP_HEADER_LENGTH > end || readU16(bytes, checksumAt) !== 0) return;
  writeTransportChecksum(bytes, checksumAt, foldChecksum(sumWords(bytes, at, end, pseudo)));
}

/** The sum of ICMPv6's pseudo-header (RFC 8200 section 8.1), which ICMP has not. */
export function icmpv6Pseudo(addresses: number, length: number): number {
  return addresses + length + IPPROTO_ICMPV6;
}

/** Writes the checksum of a whole ICMP message, which has none yet; ICMP's pseudo-header is 0. */
export function writeIcmpChecksum({ bytes, start, end }: Packet, pseudo: number): void {
  writeU16(bytes, start + 2, foldChecksum(sumWords(bytes, start, end, pseudo)));
}
