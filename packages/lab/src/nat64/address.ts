import { formatIpAddress, parseIpAddress } from '@netweir/kernel';

/** The well-known prefix of RFC 6052 section 2.1, of 96 bits. */
export const NAT64_PREFIX = '64:ff9b::/96';

const PREFIX_LENGTH = 12;
const PREFIX = Uint8Array.of(0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0);

/**
 * The IPv6 address by which a host reaches an IPv4 address through a NAT64 (RFC 6052 section 2.2).
 * @throws InvalidValueError with code `ERR_INVALID_IP_ADDRESS`
 * @throws {RangeError} for an IPv6 address
 */
export function nat64Address(ipv4: string): string {
  const { family, bytes } = parseIpAddress(ipv4);
  if (family !== 4) throw new RangeError(`${ipv4} is not an IPv4 address`);
  return formatIpAddress(nat64Bytes(bytes));
}

/**
 * The IPv4 address behind an IPv6 address that `nat64Address` gives; undefined for any other.
 * @throws InvalidValueError with code `ERR_INVALID_IP_ADDRESS`
 */
export function ipv4OfNat64(ipv6: string): string | undefined {
  const { family, bytes } = parseIpAddress(ipv6);
  if (family !== 6 || !isNat64At(bytes, 0)) return undefined;
  return formatIpAddress(bytes.subarray(PREFIX_LENGTH));
}

/** Whether there is an address of the prefix at a place in a packet. */
export function isNat64At(bytes: Uint8Array, at: number): boolean {
  for (let index = 0; index < PREFIX_LENGTH; index++) {
    if (bytes[at + index] !== PREFIX[index]) return false;
  }
  return true;
}

/** Where the IPv4 address is within an address of the prefix. */
export const EMBEDDED_AT: number = PREFIX_LENGTH;

/** As `nat64Address`, in bytes. */
export function nat64Bytes(ipv4: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(PREFIX_LENGTH + ipv4.length);
  bytes.set(PREFIX);
  bytes.set(ipv4, PREFIX_LENGTH);
  return bytes;
}
