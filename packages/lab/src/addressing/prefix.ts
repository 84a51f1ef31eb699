import { formatIpAddress, formatIpPrefix, type IpFamily, parseIpPrefix } from '@netweir/kernel';

/** A range of addresses as numbers: `first` has no bits behind the prefix. */
export interface Prefix {
  readonly family: IpFamily;
  readonly first: bigint;
  readonly length: number;
}

const bits = (family: IpFamily): number => (family === 4 ? 32 : 128);

/**
 * Reads `10.1.0.0/16`; bits behind the prefix are cleared.
 * @throws InvalidValueError with code `ERR_INVALID_IP_ADDRESS`
 */
export function parsePrefix(text: string): Prefix {
  const { family, bytes, prefixLength: length } = parseIpPrefix(text);
  const address = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  const hostBits = BigInt(bits(family) - length);
  return { family, first: (address >> hostBits) << hostBits, length };
}

/** How many addresses the prefix holds, with those that no host may have. */
export function sizeOf({ family, length }: Prefix): bigint {
  return 1n << BigInt(bits(family) - length);
}

/** The address `offset` behind the prefix's first, as text. */
export function addressAt({ family, first }: Prefix, offset: bigint): string {
  return formatIpAddress(toBytes(family, first + offset));
}

export function formatPrefix({ family, first, length }: Prefix): string {
  return formatIpPrefix(toBytes(family, first), length);
}

/** The `index`th part of `length` bits. */
export function partOf(prefix: Prefix, length: number, index: number): Prefix {
  const size = 1n << BigInt(bits(prefix.family) - length);
  return { family: prefix.family, first: prefix.first + BigInt(index) * size, length };
}

/** How many parts of `length` bits the prefix has; all of the IPv6 pools' fit a safe integer. */
export function countOfParts(prefix: Prefix, length: number): number {
  return 2 ** (length - prefix.length);
}

export function overlaps(a: Prefix, b: Prefix): boolean {
  if (a.family !== b.family) return false;
  return a.first < b.first + sizeOf(b) && b.first < a.first + sizeOf(a);
}

function toBytes(family: IpFamily, address: bigint): Uint8Array {
  const digits = bits(family) / 4;
  return Uint8Array.from(Buffer.from(address.toString(16).padStart(digits, '0'), 'hex'));
}
