import { networkOf, parseIpPrefix } from '../route/ip-prefix.ts';
import { type DataTypeName, dataType, type Value } from './data-type.ts';

/** All values from one to another, both included. */
export interface ValueRange {
  readonly from: Value;
  readonly to: Value;
}

/** A value, a range of values, or of addresses a prefix (`10.0.0.0/8`). */
export type ValueOrRange = Value | ValueRange;

export interface Bounds {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
}

/** Whether it means more than one value. */
export function isInterval(value: ValueOrRange): boolean {
  return typeof value === 'object' || isPrefix(value);
}

export function isPrefix(value: ValueOrRange): value is string {
  return typeof value === 'string' && value.includes('/');
}

/** The first and the last value that is meant, as in registers of network order. */
export function boundsOf(type: DataTypeName, value: ValueOrRange): Bounds {
  const { encode, byteOrder } = dataType(type);
  const ordered = (bytes: Uint8Array) => (byteOrder === 'host' ? bytes.toReversed() : bytes);
  if (typeof value === 'object') {
    const bounds = { from: ordered(encode(value.from)), to: ordered(encode(value.to)) };
    if (Buffer.compare(bounds.from, bounds.to) <= 0) return bounds;
    throw new RangeError(`the range ${value.from}-${value.to} goes backwards`);
  }
  if (isPrefix(value)) return prefixBounds(type, value);
  const bytes = ordered(encode(value));
  return { from: bytes, to: bytes };
}

/** The value behind the last one of an interval; undefined where that is the type's last. */
export function successor(bytes: Uint8Array): Uint8Array | undefined {
  const next = Uint8Array.from(bytes);
  for (let index = next.length - 1; index >= 0; index--) {
    const sum = (next[index] ?? 0) + 1;
    next[index] = sum & 0xff;
    if (sum <= 0xff) return next;
  }
  return undefined;
}

function prefixBounds(type: DataTypeName, text: string): Bounds {
  const prefix = parseIpPrefix(text);
  const from = networkOf(prefix);
  if (from.length !== dataType(type).length) throw new RangeError(`${text} is no ${type}`);
  const hostBits = networkOf({ ...prefix, bytes: from.map(() => 0xff) });
  return { from, to: from.map((byte, index) => byte | (~(hostBits[index] ?? 0) & 0xff)) };
}
