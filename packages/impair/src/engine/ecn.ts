import { foldChecksum, readU16, writeU16 } from '@netweir/kernel';
import { findIpHeader, isIpv4 } from './ip-header.ts';

/** RFC 3168, section 5. */
const ECN_MASK = 3;
const ECN_NOT_ECT = 0;
const ECN_CE = 3;
/** In IPv6 the traffic class lies across the first two bytes. */
const IPV6_ECN_SHIFT = 4;
const IPV4_CHECK_OFFSET = 10;

/**
 * Whether congestion can be marked in the frame: it is IP, and its transport takes part in ECN
 * (include/net/inet_ecn.h, INET_ECN_set_ce, whose result it foretells). A frame marked already counts.
 */
export function isEcnCapable(bytes: Uint8Array, offset: number, length: number): boolean {
  const ip = findIpHeader(bytes, offset, length);
  return ip >= 0 && ecnOf(bytes, ip) !== ECN_NOT_ECT;
}

/**
 * Marks that congestion was experienced, and keeps the IPv4 header's checksum right
 * (include/net/inet_ecn.h, INET_ECN_set_ce; RFC 1624 for the checksum). False, with the frame as it
 * was, where it is not ECN-capable.
 */
export function markCongestion(bytes: Uint8Array, offset: number, length: number): boolean {
  const ip = findIpHeader(bytes, offset, length);
  if (ip < 0) return false;
  const ecn = ecnOf(bytes, ip);
  if (ecn === ECN_NOT_ECT) return false;
  if (ecn === ECN_CE) return true;
  if (!isIpv4(bytes, ip)) {
    bytes[ip + 1] = (bytes[ip + 1] as number) | (ECN_CE << IPV6_ECN_SHIFT);
    return true;
  }
  const before = readU16(bytes, ip);
  bytes[ip + 1] = (bytes[ip + 1] as number) | ECN_CE;
  const check = readU16(bytes, ip + IPV4_CHECK_OFFSET);
  const sum = (~check & 0xffff) + (~before & 0xffff) + readU16(bytes, ip);
  writeU16(bytes, ip + IPV4_CHECK_OFFSET, foldChecksum(sum));
  return true;
}

function ecnOf(bytes: Uint8Array, ip: number): number {
  const second = bytes[ip + 1] as number;
  return (isIpv4(bytes, ip) ? second : second >>> IPV6_ECN_SHIFT) & ECN_MASK;
}
