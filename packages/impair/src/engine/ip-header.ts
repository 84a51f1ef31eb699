import { readU16 } from '@netweir/kernel';

const ETHERNET_BYTES = 14;
const VLAN_BYTES = 4;
const MAX_VLAN_TAGS = 2;
const ETH_P_IP = 0x0800;
const ETH_P_IPV6 = 0x86dd;
const ETH_P_8021Q = 0x8100;
const ETH_P_8021AD = 0x88a8;
const IPV4_MIN_BYTES = 20;
const IPV6_BYTES = 40;

/**
 * Where the IP header of an Ethernet frame begins, behind up to two VLAN tags; -1 where there is no
 * whole IPv4 or IPv6 header, or where the version in it is not the one that the frame announces.
 */
export function findIpHeader(bytes: Uint8Array, offset: number, length: number): number {
  const end = Math.min(offset + length, bytes.length);
  let ip = offset + ETHERNET_BYTES;
  for (let tags = 0; tags <= MAX_VLAN_TAGS && ip <= end; tags++, ip += VLAN_BYTES) {
    const type = readU16(bytes, ip - 2);
    if (type === ETH_P_8021Q || type === ETH_P_8021AD) continue;
    if (type === ETH_P_IP) return isWholeIpv4(bytes, ip, end) ? ip : -1;
    if (type === ETH_P_IPV6) return isWholeIpv6(bytes, ip, end) ? ip : -1;
    return -1;
  }
  return -1;
}

/** Whether the IP header at `ip` is an IPv4 one. */
export function isIpv4(bytes: Uint8Array, ip: number): boolean {
  return (bytes[ip] as number) >>> 4 === 4;
}

/** How long the IPv4 header at `ip` is, with its options. */
export function ipv4HeaderBytes(bytes: Uint8Array, ip: number): number {
  return ((bytes[ip] as number) & 0xf) * 4;
}

function isWholeIpv4(bytes: Uint8Array, ip: number, end: number): boolean {
  if (ip + IPV4_MIN_BYTES > end || !isIpv4(bytes, ip)) return false;
  const header = ipv4HeaderBytes(bytes, ip);
  return header >= IPV4_MIN_BYTES && ip + header <= end;
}

function isWholeIpv6(bytes: Uint8Array, ip: number, end: number): boolean {
  return ip + IPV6_BYTES <= end && (bytes[ip] as number) >>> 4 === 6;
}
