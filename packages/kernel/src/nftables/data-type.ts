import { formatIpAddress, type IpFamily, parseIpAddress } from '../route/ip-address.ts';
import { formatMacAddress, parseMacAddress } from '../route/mac-address.ts';
import { requireInteger } from '../tc/range.ts';
import * as symbols from './symbols.ts';

/** A value of a set or of a comparison, as nft writes it: `10.0.0.1`, `tcp`, 80. */
export type Value = string | number;

/** nft's names of the types that a set's keys and data can have. */
export type DataTypeName =
  | 'integer'
  | 'nf_proto'
  | 'ipv4_addr'
  | 'ipv6_addr'
  | 'ether_addr'
  | 'ether_type'
  | 'inet_proto'
  | 'inet_service'
  | 'icmp_type'
  | 'icmp_code'
  | 'icmpv6_code'
  | 'mark'
  | 'time'
  | 'boolean'
  | 'ifindex'
  | 'ct_state'
  | 'ct_dir'
  | 'ct_status'
  | 'icmpv6_type'
  | 'fib_addrtype'
  | 'ifname';

/** How the values of a type look in registers and in sets. */
export interface DataType {
  /** nft's number (enum datatypes of its datatype.h), by which it prints a set; the kernel ignores it. */
  readonly id: number;
  /** Bytes. */
  readonly length: number;
  /** `host` is what the kernel itself produces, such as marks. */
  readonly byteOrder: 'network' | 'host';
  /** Its values are sets of bits, matched by any that they share. */
  readonly bitmask?: boolean;
  encode(value: Value): Uint8Array;
  decode(bytes: Uint8Array): Value;
}

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();
const IFNAMSIZ = 16;

export const DATA_TYPES: Readonly<Record<DataTypeName, DataType>> = {
  integer: host(4, 4),
  nf_proto: network(1, 1),
  ipv4_addr: ipAddress(7, 4),
  ipv6_addr: ipAddress(8, 6),
  ether_addr: {
    id: 9,
    length: 6,
    byteOrder: 'network',
    encode: (value: Value) => parseMacAddress(String(value)),
    decode: (bytes: Uint8Array) => formatMacAddress(bytes),
  },
  ether_type: network(10, 2),
  inet_proto: network(12, 1, symbols.PROTOCOLS),
  inet_service: network(13, 2),
  icmp_type: network(14, 1, symbols.ICMP_TYPES),
  time: host(18, 4),
  mark: host(19, 4),
  ifindex: host(20, 4),
  ct_state: { ...host(26, 4, symbols.CT_STATES), bitmask: true },
  ct_dir: network(27, 1, symbols.CT_DIRECTIONS),
  ct_status: { ...host(28, 4, symbols.CT_STATUSES), bitmask: true },
  icmpv6_type: network(29, 1, symbols.ICMPV6_TYPES),
  icmp_code: network(32, 1, symbols.ICMP_CODES),
  icmpv6_code: network(33, 1),
  fib_addrtype: host(38, 4, symbols.FIB_ADDRESS_TYPES),
  boolean: network(39, 1),
  ifname: {
    id: 41,
    length: IFNAMSIZ,
    byteOrder: 'network',
    encode: interfaceName,
    decode: (bytes: Uint8Array) => fromUtf8.decode(bytes).replaceAll('\0', ''),
  },
};

/** The type of a name, seen by its interface only. */
export function dataType(name: DataTypeName): DataType {
  return DATA_TYPES[name];
}

function network(id: number, length: 1 | 2, names: symbols.Symbols = {}): DataType {
  return {
    id,
    length,
    byteOrder: 'network',
    encode: (value) => {
      const number = numberOf(value, names, 2 ** (8 * length) - 1);
      return length === 1 ? Uint8Array.of(number) : Uint8Array.of(number >> 8, number);
    },
    decode: (bytes) => {
      const view = viewOf(bytes);
      return length === 1 ? view.getUint8(0) : view.getUint16(0);
    },
  };
}

function host(id: number, length: 4, names: symbols.Symbols = {}): DataType {
  return {
    id,
    length,
    byteOrder: 'host',
    encode: (value) => {
      const bytes = new Uint8Array(length);
      viewOf(bytes).setUint32(0, numberOf(value, names, 0xffff_ffff), true);
      return bytes;
    },
    decode: (bytes) => viewOf(bytes).getUint32(0, true),
  };
}

function ipAddress(id: number, family: IpFamily): DataType {
  return {
    id,
    length: family === 4 ? 4 : 16,
    byteOrder: 'network',
    encode: (value) => {
      const address = parseIpAddress(String(value));
      if (address.family === family) return address.bytes;
      throw new RangeError(`expected an IPv${family} address, got ${value}`);
    },
    decode: (bytes) => formatIpAddress(bytes),
  };
}

/** Padded with zeros to IFNAMSIZ, as the kernel compares it. */
function interfaceName(value: Value): Uint8Array {
  const text = utf8.encode(String(value));
  if (text.length === 0 || text.length >= IFNAMSIZ) {
    throw new RangeError(`an interface name has 1 to ${IFNAMSIZ - 1} bytes, got ${value}`);
  }
  const bytes = new Uint8Array(IFNAMSIZ);
  bytes.set(text);
  return bytes;
}

function numberOf(value: Value, names: symbols.Symbols, max: number): number {
  const number = typeof value === 'number' ? value : names[value];
  if (number === undefined) throw new RangeError(`no such value: ${value}`);
  return requireInteger('value', number, 0, max);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
