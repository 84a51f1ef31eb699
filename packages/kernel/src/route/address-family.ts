import type { IpFamily } from './ip-address.ts';

/** linux/socket.h */
export const AF_UNSPEC = 0;
export const AF_INET = 2;
export const AF_INET6 = 10;

/** The kernel's number of an IP family; AF_UNSPEC, both, where none is given. */
export function addressFamily(family: IpFamily | undefined): number {
  if (family === undefined) return AF_UNSPEC;
  return family === 4 ? AF_INET : AF_INET6;
}

/** The IP family of a kernel number, or undefined for MPLS, bridge and whatever else there is. */
export function ipFamily(number: number): IpFamily | undefined {
  if (number === AF_INET) return 4;
  return number === AF_INET6 ? 6 : undefined;
}

/** The unspecified address, which the kernel leaves out of messages: a default route's `0.0.0.0`. */
export function unspecifiedAddress(family: IpFamily): Uint8Array {
  return new Uint8Array(family === 4 ? 4 : 16);
}
