import { isIPv4, isIPv6 } from 'node:net';
import { InvalidValueError } from './invalid-value-error.ts';

export type IpFamily = 4 | 6;

/** An address as bytes in network order: 4 of IPv4, 16 of IPv6. */
export interface IpAddress {
  readonly family: IpFamily;
  readonly bytes: Uint8Array;
}

const IPV6_GROUPS = 8;
const EMBEDDED_IPV4 = /^(?<head>.*:)(?<ipv4>[\d.]+)$/;

/**
 * Reads IPv4 dotted decimal (without leading zeros) or IPv6 text in any form of RFC 4291 section
 * 2.2. A zone (`%eth0`) is refused: an interface is named beside the address, never in it.
 *
 * @throws InvalidValueError with code `ERR_INVALID_IP_ADDRESS`
 */
export function parseIpAddress(text: string): IpAddress {
  if (isIPv4(text)) return { family: 4, bytes: parseIpv4(text) };
  if (isIPv6(text) && !text.includes('%')) return { family: 6, bytes: parseIpv6(text) };
  throw new InvalidValueError('ERR_INVALID_IP_ADDRESS', text, 'expected an IPv4 or IPv6 address');
}

/**
 * Writes an address as text: IPv4 dotted decimal, IPv6 as RFC 5952 recommends, IPv4-mapped IPv6
 * with a dotted tail.
 *
 * @throws RangeError where there are neither 4 nor 16 bytes
 */
export function formatIpAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length === 16) return formatIpv6(bytes);
  throw new RangeError(`an IP address has 4 or 16 bytes, not ${bytes.length}`);
}

function parseIpv4(text: string): Uint8Array {
  return Uint8Array.from(text.split('.'), Number);
}

function parseIpv6(text: string): Uint8Array {
  const [head = '', tail] = withoutEmbeddedIpv4(text).split('::');
  const left = hexGroups(head);
  const right = hexGroups(tail ?? '');
  const gap = Array.from({ length: IPV6_GROUPS - left.length - right.length }, () => 0);
  const view = new DataView(new ArrayBuffer(2 * IPV6_GROUPS));
  for (const [index, group] of [...left, ...gap, ...right].entries()) {
    view.setUint16(2 * index, group);
  }
  return new Uint8Array(view.buffer);
}

function hexGroups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

/** `::ffff:10.0.0.1` as `::ffff:a00:1`. */
function withoutEmbeddedIpv4(text: string): string {
  const { head, ipv4 } = EMBEDDED_IPV4.exec(text)?.groups ?? {};
  if (head === undefined || ipv4 === undefined || !isIPv4(ipv4)) return text;
  return head + groupsOf(parseIpv4(ipv4)).map(toHex).join(':');
}

function formatIpv6(bytes: Uint8Array): string {
  const groups = groupsOf(bytes);
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${formatIpAddress(bytes.subarray(12))}`;
  }
  const zeros = longestZeroRun(groups);
  if (zeros.length < 2) return groups.map(toHex).join(':');
  const left = groups.slice(0, zeros.start).map(toHex).join(':');
  const right = groups
    .slice(zeros.start + zeros.length)
    .map(toHex)
    .join(':');
  return `${left}::${right}`;
}

/** RFC 5952 section 4.2.3: the longest run of zero groups, the first of equals. */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== 0) start = index + 1;
    const length = index + 1 - start;
    if (length > longest.length) longest = { start, length };
  }
  return longest;
}

function groupsOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 2 }, (_, index) => view.getUint16(2 * index));
}

function toHex(group: number): string {
  return group.toString(16);
}
