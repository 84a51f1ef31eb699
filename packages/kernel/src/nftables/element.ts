import { Attributes } from '../netlink/attributes.ts';
import { NLM_F_CREATE, type Query, type Request } from '../netlink/request.ts';
import { align4, Writer } from '../netlink/writer.ts';
import { type DataTypeName, dataType, type Value } from './data-type.ts';
import { type Bounds, boundsOf, successor, type ValueOrRange } from './interval.ts';
import {
  NFT_MSG_DELSETELEM,
  NFT_MSG_GETSETELEM,
  NFT_MSG_NEWSETELEM,
  nftQuery,
  nftRequest,
} from './message.ts';
import { describeSet, type SetPlace, type SetTypes } from './set-place.ts';
import type { Command } from './transaction.ts';

const NFTA_SET_ELEM_LIST_TABLE = 1;
const NFTA_SET_ELEM_LIST_SET = 2;
const NFTA_SET_ELEM_LIST_ELEMENTS = 3;
const NFTA_SET_ELEM_LIST_SET_ID = 4;
const NFTA_SET_ELEM_KEY = 1;
const NFTA_SET_ELEM_DATA = 2;
const NFTA_SET_ELEM_FLAGS = 3;
const NFTA_SET_ELEM_TIMEOUT = 4;
const NFTA_SET_ELEM_EXPIRATION = 5;
const NFTA_SET_ELEM_KEY_END = 10;
const NFTA_DATA_VALUE = 1;
const NFT_SET_ELEM_INTERVAL_END = 1;

/** Elements per message, whose list is one attribute of at most 65535 bytes. */
const ELEMENTS_PER_MESSAGE = 500;

/** An element of a set or map to make. */
export interface NewElement {
  /** One value for each type of the set's key; ranges and prefixes where the set is one of intervals. */
  readonly key: ValueOrRange | readonly ValueOrRange[];
  /** One value for each type of the map's data. */
  readonly data?: Value | readonly Value[];
  /** Milliseconds until it vanishes by itself. */
  readonly timeoutMs?: number;
}

/** An element as the kernel describes it. */
export interface Element {
  readonly key: readonly Value[];
  /** The last key, of an element that is a range in a concatenation. */
  readonly keyEnd?: readonly Value[];
  readonly data?: readonly Value[];
  /** The first key that is not in the interval before it any more. */
  readonly intervalEnd: boolean;
  readonly timeoutMs?: number;
  /** Milliseconds that are left of the timeout. */
  readonly expirationMs?: number;
}

type Types = SetTypes & { readonly interval?: boolean };

/** An element in the kernel's form. */
interface Encoded {
  readonly key: Uint8Array;
  readonly keyEnd?: Uint8Array;
  readonly intervalEnd?: true;
  readonly element: NewElement;
}

/** Adds elements to a set or map; of a map, EEXIST where a key is there with other data. */
export function addElements(set: SetPlace & Types, elements: readonly NewElement[]): Command {
  return () => elementRequests('add', set, set, elements);
}

/** Deletes elements; ENOENT where one is not there. */
export function deleteElements(set: SetPlace & Types, elements: readonly NewElement[]): Command {
  return () => elementRequests('delete', set, set, elements);
}

/** Deletes all elements of a set or map. */
export function flushSet(place: SetPlace): Command {
  return () => [elementRequest('flush set', NFT_MSG_DELSETELEM, place, undefined)];
}

/** The elements of a set or map, a list for each message of the kernel's. */
export function listElements(set: SetPlace & SetTypes): Query<readonly Element[]> {
  const request = {
    operation: 'list elements',
    target: describeSet(set),
    family: set.family,
    message: NFT_MSG_GETSETELEM,
    write: (writer: Writer) =>
      writer
        .attributeString(NFTA_SET_ELEM_LIST_TABLE, set.table)
        .attributeString(NFTA_SET_ELEM_LIST_SET, set.set),
  };
  return nftQuery(request, NFT_MSG_NEWSETELEM, (attributes) => {
    const list = attributes.bytes(NFTA_SET_ELEM_LIST_ELEMENTS) ?? new Uint8Array();
    return Attributes.entries(list).map(({ payload }) =>
      decodeElement(Attributes.read(payload), set),
    );
  });
}

/** What adds or deletes the elements, in messages of bounded length. */
export function elementRequests(
  verb: 'add' | 'delete',
  place: SetPlace,
  types: Types,
  elements: readonly NewElement[],
  setId?: number,
): Request[] {
  const encoded = elements.flatMap((element) => encodeElement(element, types));
  const message = verb === 'add' ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM;
  const requests: Request[] = [];
  for (let start = 0; start < encoded.length; start += ELEMENTS_PER_MESSAGE) {
    const part = encoded.slice(start, start + ELEMENTS_PER_MESSAGE);
    const write = (writer: Writer) => {
      if (setId !== undefined) writer.attributeBe32(NFTA_SET_ELEM_LIST_SET_ID, setId);
      writer.nest(NFTA_SET_ELEM_LIST_ELEMENTS, (list) => writeElements(list, part, types));
    };
    requests.push(elementRequest(`${verb} elements`, message, place, write));
  }
  return requests;
}

function elementRequest(
  operation: string,
  message: number,
  place: SetPlace,
  write: ((writer: Writer) => void) | undefined,
): Request {
  return nftRequest({
    operation,
    target: describeSet(place),
    family: place.family,
    message,
    flags: message === NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0,
    write: (writer) => {
      writer
        .attributeString(NFTA_SET_ELEM_LIST_TABLE, place.table)
        .attributeString(NFTA_SET_ELEM_LIST_SET, place.set);
      write?.(writer);
    },
  });
}

/**
 * Of a set of intervals an element is two: the first key, and the first one behind (nft_set_rbtree.c).
 * Those of a concatenation carry both ends (nft_set_pipapo.c).
 */
function encodeElement(element: NewElement, { key: types, interval }: Types): Encoded[] {
  const values = listOf(element.key);
  if (!interval) return [{ key: encodeValues(types, values.map(singleValue)), element }];
  const bounds = zip(types, values, boundsOfKey);
  const [first] = bounds;
  if (bounds.length > 1 || !first) {
    const key = concatenate(bounds.map(({ from }) => from));
    return [{ key, keyEnd: concatenate(bounds.map(({ to }) => to)), element }];
  }
  const end = successor(first.to);
  const start = { key: first.from, element };
  return end ? [start, { key: end, intervalEnd: true, element }] : [start];
}

function writeElements(writer: Writer, elements: readonly Encoded[], types: SetTypes): void {
  for (const [index, encoded] of elements.entries()) {
    // The kernel heeds no number here; nft counts.
    writer.nest(index + 1, (item) => writeElement(item, encoded, types));
  }
}

function writeElement(writer: Writer, encoded: Encoded, types: SetTypes): void {
  const { key, keyEnd, intervalEnd, element } = encoded;
  writeData(writer, NFTA_SET_ELEM_KEY, key);
  if (intervalEnd) {
    writer.attributeBe32(NFTA_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
    return;
  }
  if (keyEnd) writeData(writer, NFTA_SET_ELEM_KEY_END, keyEnd);
  const { data, timeoutMs } = element;
  if (types.data && data !== undefined) {
    writeData(writer, NFTA_SET_ELEM_DATA, encodeValues(types.data, [data].flat()));
  }
  if (timeoutMs !== undefined) writer.attributeBe64(NFTA_SET_ELEM_TIMEOUT, timeoutMs);
}

function writeData(writer: Writer, type: number, bytes: Uint8Array): void {
  writer.nest(type, (nest) => nest.attributeBytes(NFTA_DATA_VALUE, bytes));
}

function decodeElement(attributes: Attributes, { key, data }: SetTypes): Element {
  const value = (type: number) => attributes.nested(type)?.bytes(NFTA_DATA_VALUE);
  const keyEnd = value(NFTA_SET_ELEM_KEY_END);
  const dataBytes = value(NFTA_SET_ELEM_DATA);
  const flags = attributes.be32(NFTA_SET_ELEM_FLAGS) ?? 0;
  const timeoutMs = attributes.be64(NFTA_SET_ELEM_TIMEOUT);
  const expirationMs = attributes.be64(NFTA_SET_ELEM_EXPIRATION);
  return {
    key: decodeValues(key, value(NFTA_SET_ELEM_KEY) ?? new Uint8Array()),
    ...(keyEnd && { keyEnd: decodeValues(key, keyEnd) }),
    ...(data && dataBytes && { data: decodeValues(data, dataBytes) }),
    intervalEnd: (flags & NFT_SET_ELEM_INTERVAL_END) !== 0,
    ...(timeoutMs !== undefined && { timeoutMs: Number(timeoutMs) }),
    ...(expirationMs !== undefined && { expirationMs: Number(expirationMs) }),
  };
}

function encodeValues(types: readonly DataTypeName[], values: readonly Value[]): Uint8Array {
  return concatenate(zip(types, values, (type, value) => dataType(type).encode(value)));
}

/** The values of a key or of data; each of several is padded to four bytes. */
function decodeValues(types: readonly DataTypeName[], bytes: Uint8Array): Value[] {
  let at = 0;
  return types.map((name) => {
    const { length, decode } = dataType(name);
    const part = bytes.subarray(at, at + length);
    at += align4(length);
    return decode(part);
  });
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const [first, ...others] = parts;
  if (first && others.length === 0) return first;
  const writer = parts.reduce(
    (sum, part) => sum.raw(part).zeros(align4(part.length) - part.length),
    new Writer(),
  );
  return writer.finish();
}

function boundsOfKey(type: DataTypeName, value: ValueOrRange): Bounds {
  // The kernel compares keys from their first byte on, which the host's order has at the wrong end.
  if (dataType(type).byteOrder === 'host') throw new RangeError(`no set has intervals of ${type}`);
  return boundsOf(type, value);
}

function singleValue(value: ValueOrRange): Value {
  if (typeof value !== 'object') return value;
  throw new RangeError('only a set of intervals has ranges');
}

function listOf(key: NewElement['key']): readonly ValueOrRange[] {
  return Array.isArray(key) ? key : [key as ValueOrRange];
}

function zip<T, R>(
  types: readonly DataTypeName[],
  values: readonly T[],
  combine: (type: DataTypeName, value: T) => R,
): R[] {
  if (types.length !== values.length) {
    throw new RangeError(`expected ${types.length} values, got ${values.length}`);
  }
  return values.map((value, index) => combine(types[index] ?? 'integer', value));
}
