import type { Attributes } from '../netlink/attributes.ts';
import { NLM_F_CREATE, type Query, type Request } from '../netlink/request.ts';
import type { Writer } from '../netlink/writer.ts';
import { DATA_TYPES, type DataTypeName, dataType } from './data-type.ts';
import { elementRequests, type NewElement } from './element.ts';
import { wordsOf } from './expression.ts';
import type { NftFamily } from './family.ts';
import {
  NFT_MSG_DELSET,
  NFT_MSG_GETSET,
  NFT_MSG_NEWSET,
  NFTA_LIST_ELEM,
  nftQuery,
  nftRequest,
  required,
} from './message.ts';
import { ANONYMOUS_NAME, type AnonymousSet } from './rule-draft.ts';
import { describeSet, type SetPlace, type SetTypes } from './set-place.ts';
import type { TablePlace } from './table.ts';
import type { Command } from './transaction.ts';

const NFTA_SET_TABLE = 1;
const NFTA_SET_NAME = 2;
const NFTA_SET_FLAGS = 3;
const NFTA_SET_KEY_TYPE = 4;
const NFTA_SET_KEY_LEN = 5;
const NFTA_SET_DATA_TYPE = 6;
const NFTA_SET_DATA_LEN = 7;
const NFTA_SET_DESC = 9;
const NFTA_SET_ID = 10;
const NFTA_SET_TIMEOUT = 11;
const NFTA_SET_USERDATA = 13;
const NFTA_SET_DESC_SIZE = 1;
const NFTA_SET_DESC_CONCAT = 2;
const NFTA_SET_FIELD_LEN = 1;

/** enum nft_set_flags */
const NFT_SET_ANONYMOUS = 0x1;
const NFT_SET_CONSTANT = 0x2;
const NFT_SET_INTERVAL = 0x4;
const NFT_SET_MAP = 0x8;
const NFT_SET_TIMEOUT = 0x10;
const NFT_SET_EVAL = 0x20;
const NFT_SET_CONCAT = 0x80;

/** What nft keeps with a set, which the kernel does not read (enum nftnl_udata_set_types of libnftnl). */
const NFTNL_UDATA_SET_KEYBYTEORDER = 0;
const NFTNL_UDATA_SET_DATABYTEORDER = 1;
/** nft's enum byteorder. */
const BYTE_ORDERS = { host: 1, network: 2 } as const;

/** Bits of a type's number within the number of a concatenation. */
const TYPE_BITS = 6;

/** A set, or with `data` a map, to make. */
export interface NewSet extends SetPlace, SetTypes {
  /** Keys may be ranges and prefixes. */
  readonly interval?: boolean;
  /** Rules may add elements (`updateSet`). */
  readonly dynamic?: boolean;
  /** Elements may have a timeout. */
  readonly timeout?: boolean;
  /** The timeout, in milliseconds, of elements that have none of their own. */
  readonly timeoutMs?: number;
  /** The most elements; a dynamic set has 65535 by default. */
  readonly size?: number;
  readonly elements?: readonly NewElement[];
}

/** A set or map as the kernel describes it. Types that are not known here are left out of `key`. */
export interface NftSet extends SetPlace, SetTypes {
  readonly interval: boolean;
  readonly dynamic: boolean;
  readonly timeout: boolean;
  readonly timeoutMs: number | undefined;
  readonly size: number | undefined;
}

const TYPE_NAMES = new Map(
  Object.entries(DATA_TYPES).map(([name, { id }]) => [id, name as DataTypeName]),
);

/** Makes a set or map; EEXIST where there is one with other flags or types. */
export function addSet(set: NewSet): Command {
  return () => {
    const made = setRequest(set, set.set, 0, flagsOf(set), (writer) => {
      const { size, timeoutMs } = set;
      writeDescription(writer, set, size);
      writeByteOrders(writer, set);
      if (timeoutMs !== undefined) writer.attributeBe64(NFTA_SET_TIMEOUT, timeoutMs);
    });
    return [made, ...elementRequests('add', set, set, set.elements ?? [])];
  };
}

/** Deletes a set; EBUSY where a rule uses it. */
export function deleteSet(place: SetPlace): Command {
  return () => [
    nftRequest({
      operation: 'delete set',
      target: describeSet(place),
      family: place.family,
      message: NFT_MSG_DELSET,
      write: (writer) => writeName(writer, place.table, place.set),
    }),
  ];
}

/** The requests that make a set which a rule of `table` refers to. */
export function anonymousSetRequests(table: TablePlace, set: AnonymousSet): readonly Request[] {
  const { id, key, interval, elements } = set;
  const place = { ...table, set: ANONYMOUS_NAME };
  const flags = NFT_SET_ANONYMOUS | NFT_SET_CONSTANT | (interval ? NFT_SET_INTERVAL : 0);
  const made = setRequest({ ...place, key }, ANONYMOUS_NAME, id, flags, (writer) =>
    writeDescription(writer, { key }, elements.length),
  );
  return [made, ...elementRequests('add', place, { key, interval }, elements, id)];
}

/** The sets and maps of one family or of all. */
export function listSets({ family }: { family?: NftFamily } = {}): Query<NftSet> {
  const request = {
    operation: 'list sets',
    target: family ?? 'all families',
    family,
    message: NFT_MSG_GETSET,
  };
  return nftQuery(request, NFT_MSG_NEWSET, decodeSet);
}

function setRequest(
  set: SetPlace & SetTypes,
  name: string,
  id: number,
  flags: number,
  write: (writer: Writer) => void,
): Request {
  return nftRequest({
    operation: set.data ? 'add map' : 'add set',
    target: describeSet(set),
    family: set.family,
    message: NFT_MSG_NEWSET,
    flags: NLM_F_CREATE,
    write: (writer) => {
      writeName(writer, set.table, name);
      writer
        .attributeBe32(NFTA_SET_FLAGS, flags)
        .attributeBe32(NFTA_SET_KEY_TYPE, concatenatedId(set.key))
        .attributeBe32(NFTA_SET_KEY_LEN, concatenatedLength(set.key));
      if (set.data) {
        writer
          .attributeBe32(NFTA_SET_DATA_TYPE, concatenatedId(set.data))
          .attributeBe32(NFTA_SET_DATA_LEN, concatenatedLength(set.data));
      }
      writer.attributeBe32(NFTA_SET_ID, id);
      write(writer);
    },
  });
}

function writeName(writer: Writer, table: string, set: string): void {
  writer.attributeString(NFTA_SET_TABLE, table).attributeString(NFTA_SET_NAME, set);
}

function writeDescription(
  writer: Writer,
  { key, interval }: SetTypes & { interval?: boolean },
  size: number | undefined,
): void {
  const fields = interval && key.length > 1 ? key : [];
  if (size === undefined && fields.length === 0) return;
  writer.nest(NFTA_SET_DESC, (nest) => {
    if (size !== undefined) nest.attributeBe32(NFTA_SET_DESC_SIZE, size);
    if (fields.length > 0) nest.nest(NFTA_SET_DESC_CONCAT, (list) => writeFields(list, fields));
  });
}

function writeFields(writer: Writer, key: readonly DataTypeName[]): void {
  for (const name of key) {
    writer.nest(NFTA_LIST_ELEM, (item) =>
      item.attributeBe32(NFTA_SET_FIELD_LEN, dataType(name).length),
    );
  }
}

/** nft prints by them what is in the host's order; of concatenations it knows without. */
function writeByteOrders(writer: Writer, { key, data = [] }: SetTypes): void {
  const orders = [
    [NFTNL_UDATA_SET_KEYBYTEORDER, key],
    [NFTNL_UDATA_SET_DATABYTEORDER, data],
  ] as const;
  const bytes = orders.flatMap(([type, [name, ...others]]) => {
    if (name === undefined || others.length > 0) return [];
    return [type, 4, BYTE_ORDERS[dataType(name).byteOrder], 0, 0, 0];
  });
  if (bytes.length > 0) writer.attributeBytes(NFTA_SET_USERDATA, Uint8Array.from(bytes));
}

function flagsOf(set: NewSet): number {
  const timeout = set.timeout || set.timeoutMs !== undefined;
  return (
    (set.interval ? NFT_SET_INTERVAL : 0) |
    (set.interval && set.key.length > 1 ? NFT_SET_CONCAT : 0) |
    (set.data ? NFT_SET_MAP : 0) |
    (timeout ? NFT_SET_TIMEOUT : 0) |
    (set.dynamic ? NFT_SET_EVAL : 0)
  );
}

function concatenatedId(names: readonly DataTypeName[]): number {
  return names.reduce((sum, name) => (sum << TYPE_BITS) | dataType(name).id, 0);
}

function concatenatedLength(names: readonly DataTypeName[]): number {
  const [first, ...others] = names;
  if (first === undefined) throw new RangeError('a set has keys of at least one type');
  if (others.length === 0) return dataType(first).length;
  return names.reduce((sum, name) => sum + 4 * wordsOf(dataType(name).length), 0);
}

function decodeSet(attributes: Attributes, family: NftFamily): NftSet {
  const flags = attributes.be32(NFTA_SET_FLAGS) ?? 0;
  const timeoutMs = attributes.be64(NFTA_SET_TIMEOUT);
  const data = attributes.be32(NFTA_SET_DATA_TYPE);
  return {
    family,
    table: required(attributes.string(NFTA_SET_TABLE)),
    set: required(attributes.string(NFTA_SET_NAME)),
    key: typeNames(required(attributes.be32(NFTA_SET_KEY_TYPE))),
    data: data === undefined ? undefined : typeNames(data),
    interval: (flags & NFT_SET_INTERVAL) !== 0,
    dynamic: (flags & NFT_SET_EVAL) !== 0,
    timeout: (flags & NFT_SET_TIMEOUT) !== 0,
    timeoutMs: timeoutMs === undefined ? undefined : Number(timeoutMs),
    size: attributes.nested(NFTA_SET_DESC)?.be32(NFTA_SET_DESC_SIZE),
  };
}

function typeNames(id: number): DataTypeName[] {
  const name = TYPE_NAMES.get(id & ((1 << TYPE_BITS) - 1));
  const before = id >>> TYPE_BITS === 0 ? [] : typeNames(id >>> TYPE_BITS);
  return name === undefined ? before : [...before, name];
}
