import { foldChecksum, sumWords } from '../internet-checksum.ts';
import type { IpFamily } from '../route/ip-address.ts';

const ICMP_ECHOREPLY = 0;
const ICMP_ECHO = 8;
const ICMPV6_ECHO_REQUEST = 128;
const ICMPV6_ECHO_REPLY = 129;

const HEADER_LENGTH = 8;

/** What tells one echo from another: of RFC 792 and RFC 4443, both 16 bits. */
export interface Echo {
  readonly identifier: number;
  readonly sequence: number;
}

/** An echo request. ICMPv6's checksum is left to the kernel, which knows the addresses. */
export function encodeEchoRequest(family: IpFamily, echo: Echo, payload: Uint8Array): Uint8Array {
  const packet = new Uint8Array(HEADER_LENGTH + payload.length);
  const view = new DataView(packet.buffer);
  view.setUint8(0, family === 4 ? ICMP_ECHO : ICMPV6_ECHO_REQUEST);
  view.setUint16(4, echo.identifier);
  view.setUint16(6, echo.sequence);
  packet.set(payload, HEADER_LENGTH);
  if (family === 4) view.setUint16(2, foldChecksum(sumWords(packet, 0, packet.length, 0)));
  return packet;
}

/**
 * The echo that a datagram of a raw socket answers; undefined for anything else. A raw socket gives
 * the IPv4 header with the packet, but not the IPv6 header.
 */
export function decodeEchoReply(family: IpFamily, datagram: Uint8Array): Echo | undefined {
  const start = family === 4 ? ((datagram[0] ?? 0) & 0x0f) * 4 : 0;
  if (datagram.length < start + HEADER_LENGTH) return undefined;
  const view = new DataView(datagram.buffer, datagram.byteOffset + start);
  const reply = family === 4 ? ICMP_ECHOREPLY : ICMPV6_ECHO_REPLY;
  if (view.getUint8(0) !== reply || view.getUint8(1) !== 0) return undefined;
  return { identifier: view.getUint16(4), sequence: view.getUint16(6) };
}
