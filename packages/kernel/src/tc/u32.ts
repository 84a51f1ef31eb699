import { Attributes } from '../netlink/attributes.ts';
import type { Writer } from '../netlink/writer.ts';
import {
  type FilterVerdict,
  readVerdict,
  type VerdictTypes,
  writeVerdict,
} from './filter-verdict.ts';
import { requireInteger, requireU32, S32_MAX } from './range.ts';

// linux/pkt_cls.h
const TCA_U32_CLASSID = 1; // @nl: TCA_U32_CLASSID rw 2.4
const TCA_U32_HASH = 2; // @nl: TCA_U32_HASH r 2.4
const TCA_U32_SEL = 5; // @nl: TCA_U32_SEL rw 2.4
const TCA_U32_ACT = 7; // @nl: TCA_U32_ACT rw 2.6.8
const TCA_U32_PCNT = 9; // @nl: TCA_U32_PCNT r 2.6.8
const TCA_U32_FLAGS = 11; // @nl: TCA_U32_FLAGS r 4.6
const TCA_U32_PAD = 12; // @nl: TCA_U32_PAD r 4.7
const TC_U32_TERMINAL = 1;

const VERDICT: VerdictTypes = { classid: TCA_U32_CLASSID, actions: TCA_U32_ACT };

/** What a filter of this model consists of, and what the kernel adds when it tells of one. */
const UNDERSTOOD: ReadonlySet<number> = new Set([
  TCA_U32_CLASSID,
  TCA_U32_HASH,
  TCA_U32_SEL,
  TCA_U32_ACT,
  TCA_U32_PCNT,
  TCA_U32_FLAGS,
  TCA_U32_PAD,
]);

const SEL_LENGTH = 16;
const KEY_LENGTH = 16;
const MAX_KEYS = 128;

/** A word of the packet that has to be as said, from `struct tc_u32_key`. */
export interface U32Key {
  /** Bytes from the start of the network header, a multiple of four; negative ones lie before it. */
  readonly offset: number;
  /** The bits that count: 32 of them, the packet's first byte being the highest. */
  readonly mask: number;
  /** What they have to be; no bit outside the mask. */
  readonly value: number;
}

/** Takes the packets that have all its words (cls_u32, without hash tables of its own). */
export interface U32 extends FilterVerdict {
  readonly kind: 'u32';
  /** At most 128. None: every packet. */
  readonly keys: readonly U32Key[];
}

/** Writes the TCA_OPTIONS payload. Throws RangeError. */
export function writeU32(writer: Writer, u32: U32): void {
  const { keys } = u32;
  writeVerdict(writer, VERDICT, u32);
  requireInteger('number of keys', keys.length, 0, MAX_KEYS);
  writer.attribute(TCA_U32_SEL, (w) => {
    w.u8(TC_U32_TERMINAL)
      .u8(0)
      .u8(keys.length)
      .zeros(SEL_LENGTH - 3);
    for (const key of keys) writeKey(w, key);
  });
}

/**
 * Undefined for a hash table, a link to one, and a filter with what {@link U32} cannot say: an action that
 * is not understood, a mark, an interface, variable offsets.
 */
export function decodeU32(bytes: Uint8Array): U32 | undefined {
  const attributes = Attributes.read(bytes);
  const sel = attributes.view(TCA_U32_SEL);
  const verdict = readVerdict(attributes, VERDICT);
  if (!sel || sel.byteLength < SEL_LENGTH || !verdict) return undefined;
  if (!Attributes.entries(bytes).every(({ type }) => UNDERSTOOD.has(type))) return undefined;
  const count = sel.getUint8(2);
  if (sel.getUint8(0) !== TC_U32_TERMINAL || sel.byteLength < SEL_LENGTH + count * KEY_LENGTH) {
    return undefined;
  }
  const keys = Array.from({ length: count }, (_, index) =>
    readKey(sel, SEL_LENGTH + index * KEY_LENGTH),
  );
  return keys.every((key) => key !== undefined) ? { kind: 'u32', ...verdict, keys } : undefined;
}

function writeKey(writer: Writer, { offset, mask, value }: U32Key): void {
  writer
    .be32(requireU32('mask', mask))
    .be32(requireU32('value', value))
    .i32(requireInteger('offset', offset, -S32_MAX, S32_MAX))
    .i32(0);
}

function readKey(sel: DataView, at: number): U32Key | undefined {
  if (sel.getInt32(at + 12, true) !== 0) return undefined;
  return {
    offset: sel.getInt32(at + 8, true),
    mask: sel.getUint32(at),
    value: sel.getUint32(at + 4),
  };
}
