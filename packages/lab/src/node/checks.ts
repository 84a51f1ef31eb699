import { type IpSupport, LAB_SWITCHES } from '@netweir/api';
import { hasFamily } from '../addressing/ip-support.ts';
import { LabError } from '../errors.ts';

/** As one label of a domain name (RFC 1123), and therefore as part of `lab:LAB/NODE`. */
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

const DEFAULT_MTU = 1500;
/** ETH_MIN_MTU of linux/if_ether.h, and the least of IPv4 (RFC 791 section 3.2). */
const SMALLEST_MTU = 68;
/** RFC 8200 section 5: the kernel takes IPv6 off a link with a smaller one. */
const SMALLEST_IPV6_MTU = 1280;
/** ETH_MAX_MTU of linux/if_ether.h */
const LARGEST_MTU = 65_535;

/** `name` itself. @throws {LabError} ERR_LAB_INVALID_NAME */
export function checkName(name: string): string {
  if (NAME.test(name)) return name;
  const wanted = 'a name is 1 to 63 letters, digits and hyphens, with no hyphen at either end';
  throw new LabError('ERR_LAB_INVALID_NAME', `${wanted}, got ${JSON.stringify(name)}`);
}

/** What the nodes of regions are called, with the region's name behind it. */
export const REGION_PREFIX = 'region-';

/** @throws {LabError} ERR_LAB_NAME_RESERVED for what only a region's node, or no node, may be called */
export function checkNotReserved(name: string): void {
  if (name.toLowerCase() === LAB_SWITCHES) {
    throw new LabError(
      'ERR_LAB_NAME_RESERVED',
      `${LAB_SWITCHES} is where a lab has its switches`,
      'choose another name',
    );
  }
  if (!name.toLowerCase().startsWith(REGION_PREFIX)) return;
  throw new LabError(
    'ERR_LAB_NAME_RESERVED',
    `node names that begin with ${REGION_PREFIX} are those of regions, got ${JSON.stringify(name)}`,
    'choose another name, or make a region: lab.region',
  );
}

/**
 * `mtu`, or 1500, where it can be that of links in networks that support `ips`.
 * @throws {LabError} ERR_LAB_MTU
 */
export function checkMtu(mtu: number = DEFAULT_MTU, ips: readonly IpSupport[]): number {
  const hasIpv6 = ips.some((ip) => hasFamily(ip, 6));
  const smallest = hasIpv6 ? SMALLEST_IPV6_MTU : SMALLEST_MTU;
  if (Number.isInteger(mtu) && mtu >= smallest && mtu <= LARGEST_MTU) return mtu;
  const least = `${smallest} (the least that IPv${hasIpv6 ? 6 : 4} allows)`;
  throw new LabError(
    'ERR_LAB_MTU',
    `an MTU is ${least} to ${LARGEST_MTU} bytes, got ${mtu}`,
    hasIpv6 ? "less is possible where all networks have IPv4 alone: ip: 'v4-only'" : undefined,
  );
}
