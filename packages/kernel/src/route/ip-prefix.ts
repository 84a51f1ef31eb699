import { InvalidValueError } from './invalid-value-error.ts';
import { formatIpAddress, type IpAddress, parseIpAddress } from './ip-address.ts';

/** An address with the number of its leading bits that name the network. */
export interface IpPrefix extends IpAddress {
  readonly prefixLength: number;
}

const PREFIX = /^(?<address>[^/]+)(?:\/(?<length>\d{1,3}))?$/;

/**
 * Reads `ADDRESS/LENGTH`; a bare address is the prefix of that one host. Bits behind the prefix
 * stay as written.
 *
 * @throws InvalidValueError with code `ERR_INVALID_IP_ADDRESS`
 */
export function parseIpPrefix(text: string): IpPrefix {
  const { address: addressText, length } = PREFIX.exec(text)?.groups ?? {};
  const address = parseIpAddress(addressText ?? text);
  const bits = 8 * address.bytes.length;
  const prefixLength = length === undefined ? bits : Number(length);
  if (prefixLength > bits) {
    const reason = `an IPv${address.family} prefix has at most ${bits} bits`;
    throw new InvalidValueError('ERR_INVALID_IP_ADDRESS', text, reason);
  }
  return { ...address, prefixLength };
}

/** `ADDRESS/LENGTH`, always with the length. */
export function formatIpPrefix(bytes: Uint8Array, prefixLength: number): string {
  return `${formatIpAddress(bytes)}/${prefixLength}`;
}

/** The prefix's network: its bytes with every bit behind the prefix cleared. */
export function networkOf({ bytes, prefixLength }: IpPrefix): Uint8Array {
  return bytes.map((byte, index) => byte & networkBits(prefixLength, index));
}

/**
 * The IPv4 prefix's directed broadcast address; none of /31 and /32 (RFC 3021) and of IPv6.
 */
export function broadcastOf({ family, bytes, prefixLength }: IpPrefix): Uint8Array | undefined {
  if (family === 6 || prefixLength > 30) return undefined;
  return bytes.map((byte, index) => byte | (~networkBits(prefixLength, index) & 0xff));
}

function networkBits(prefixLength: number, index: number): number {
  const bits = Math.min(8, Math.max(0, prefixLength - 8 * index));
  return (0xff << (8 - bits)) & 0xff;
}
