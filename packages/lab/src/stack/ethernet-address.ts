import { parseIpAddress } from '@netweir/kernel';

/** The first octet of an address that is locally administered and of one interface (IEEE 802c). */
const LOCAL_UNICAST = 0x02;

/**
 * The Ethernet address of the interface with an IPv4 address: unique in a lab, and the same every
 * time, with what IPv6 makes of it (fe80::).
 */
export function ethernetAddress(ipv4: string): string {
  const octets = [LOCAL_UNICAST, 0, ...parseIpAddress(ipv4).bytes];
  return octets.map((octet) => octet.toString(16).padStart(2, '0')).join(':');
}
