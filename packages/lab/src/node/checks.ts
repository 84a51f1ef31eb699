import { LabError } from '../errors.ts';

/** As one label of a domain name (RFC 1123), and therefore as part of `lab:LAB/NODE`. */
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

const DEFAULT_MTU = 1500;
/** RFC 8200 section 5: the kernel takes IPv6 off a link with a smaller one. */
const SMALLEST_MTU = 1280;
/** ETH_MAX_MTU of linux/if_ether.h */
const LARGEST_MTU = 65_535;

/** `name` itself. @throws {LabError} ERR_LAB_INVALID_NAME */
export function checkName(name: string): string {
  if (NAME.test(name)) return name;
  const wanted = 'a name is 1 to 63 letters, digits and hyphens, with no hyphen at either end';
  throw new LabError('ERR_LAB_INVALID_NAME', `${wanted}, got ${JSON.stringify(name)}`);
}

/** `mtu`, or 1500. @throws {LabError} ERR_LAB_MTU */
export function checkMtu(mtu: number = DEFAULT_MTU): number {
  if (Number.isInteger(mtu) && mtu >= SMALLEST_MTU && mtu <= LARGEST_MTU) return mtu;
  const wanted = `an MTU is ${SMALLEST_MTU} (the least that IPv6 allows) to ${LARGEST_MTU} bytes`;
  throw new LabError('ERR_LAB_MTU', `${wanted}, got ${mtu}`);
}
