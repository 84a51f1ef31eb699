/** STUN messages as bytes (RFC 8489 section 5 and 14). */
import { formatIpAddress, parseIpAddress } from '@netweir/kernel';
import type { SocketAddress } from '../code/sockets.ts';

export const BINDING_REQUEST = 0x0001;
export const BINDING_SUCCESS = 0x0101;
export const BINDING_ERROR = 0x0111;

export const MAPPED_ADDRESS = 0x0001;
export const CHANGE_REQUEST = 0x0003;
export const ERROR_CODE = 0x0009;
export const UNKNOWN_ATTRIBUTES = 0x000a;
export const XOR_MAPPED_ADDRESS = 0x0020;
/** RFC 5780 section 7. */
export const RESPONSE_ORIGIN = 0x802b;
export const OTHER_ADDRESS = 0x802c;

/** Attributes below this have to be understood. */
const COMPREHENSION_OPTIONAL = 0x8000;
const MAGIC_COOKIE = 0x2112a442;
const HEADER_LENGTH = 20;
const ATTRIBUTE_HEADER_LENGTH = 4;
const FAMILIES = { 4: 1, 6: 2 } as const;

export interface StunAttribute {
  readonly type: number;
  readonly value: Uint8Array;
}

export interface StunMessage {
  readonly type: number;
  /** 12 bytes. */
  readonly transactionId: Uint8Array;
  readonly attributes: readonly StunAttribute[];
}

/** A datagram as a STUN message; undefined where it is none, or a broken one. */
export function decodeStun(datagram: Uint8Array): StunMessage | undefined {
  if (datagram.length < HEADER_LENGTH) return undefined;
  const view = viewOf(datagram);
  // The slices of a Buffer would share its memory, and what is decoded is to be a value.
  const bytes = Uint8Array.from(datagram);
  const type = view.getUint16(0);
  const isStun =
    type < 0x4000 &&
    view.getUint32(4) === MAGIC_COOKIE &&
    view.getUint16(2) === datagram.length - HEADER_LENGTH;
  const attributes = isStun ? attributesOf(bytes) : undefined;
  return attributes && { type, transactionId: bytes.slice(8, HEADER_LENGTH), attributes };
}

export function encodeStun({ type, transactionId, attributes }: StunMessage): Uint8Array {
  const padded = attributes.map(({ value }) => ATTRIBUTE_HEADER_LENGTH + align4(value.length));
  const length = padded.reduce((sum, part) => sum + part, 0);
  const bytes = new Uint8Array(HEADER_LENGTH + length);
  const view = viewOf(bytes);
  view.setUint16(0, type);
  view.setUint16(2, length);
  view.setUint32(4, MAGIC_COOKIE);
  bytes.set(transactionId, 8);
  let at = HEADER_LENGTH;
  for (const { type: attribute, value } of attributes) {
    view.setUint16(at, attribute);
    view.setUint16(at + 2, value.length);
    bytes.set(value, at + ATTRIBUTE_HEADER_LENGTH);
    at += ATTRIBUTE_HEADER_LENGTH + align4(value.length);
  }
  return bytes;
}

/** Which attributes have to be understood by who gets a message, and are none of `known`. */
export function notUnderstood({ attributes }: StunMessage, known: readonly number[]): number[] {
  return attributes
    .map(({ type }) => type)
    .filter((type) => type < COMPREHENSION_OPTIONAL && !known.includes(type));
}

/** The value of MAPPED-ADDRESS, RESPONSE-ORIGIN and OTHER-ADDRESS. */
export function encodeAddress({ address, port }: SocketAddress): Uint8Array {
  const { family, bytes } = parseIpAddress(address);
  const value = new Uint8Array(4 + bytes.length);
  const view = viewOf(value);
  view.setUint8(1, FAMILIES[family]);
  view.setUint16(2, port);
  value.set(bytes, 4);
  return value;
}

/** Undefined where it is none. */
export function decodeAddress(value: Uint8Array): SocketAddress | undefined {
  const lengths: Readonly<Record<number, number>> = { [FAMILIES[4]]: 8, [FAMILIES[6]]: 20 };
  if (value.length < 4 || lengths[value[1] ?? 0] !== value.length) return undefined;
  return { address: formatIpAddress(value.subarray(4)), port: viewOf(value).getUint16(2) };
}

/**
 * An address's value as XOR-MAPPED-ADDRESS and back: port and address are combined with the magic cookie
 * and the transaction id, so that no translator on the way takes them for an address and rewrites them.
 */
export function xorAddress(value: Uint8Array, transactionId: Uint8Array): Uint8Array {
  const key = new Uint8Array(4 + transactionId.length);
  viewOf(key).setUint32(0, MAGIC_COOKIE);
  key.set(transactionId, 4);
  const result = value.slice();
  for (let at = 2; at < result.length; at++) {
    // The port takes the cookie's first half, the address starts with it anew.
    const part = at < 4 ? key[at - 2] : key[at - 4];
    result[at] = (result[at] ?? 0) ^ (part ?? 0);
  }
  return result;
}

function attributesOf(datagram: Uint8Array): StunAttribute[] | undefined {
  const view = viewOf(datagram);
  const attributes: StunAttribute[] = [];
  let at = HEADER_LENGTH;
  while (at < datagram.length) {
    if (at + ATTRIBUTE_HEADER_LENGTH > datagram.length) return undefined;
    const start = at + ATTRIBUTE_HEADER_LENGTH;
    const length = view.getUint16(at + 2);
    at = start + align4(length);
    if (at > datagram.length) return undefined;
    const type = view.getUint16(start - ATTRIBUTE_HEADER_LENGTH);
    attributes.push({ type, value: datagram.slice(start, start + length) });
  }
  return attributes;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

function align4(length: number): number {
  return (length + 3) & ~3;
}
