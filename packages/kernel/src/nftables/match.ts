import { parseIpPrefix } from '../route/ip-prefix.ts';
import { loadConcatenation } from './concatenation.ts';
import { dataType } from './data-type.ts';
import { NFT_CMP_EQ, NFT_CMP_GTE, NFT_CMP_LTE, NFT_CMP_NEQ, register } from './expression.ts';
import { boundsOf, isInterval, isPrefix, type ValueOrRange, type ValueRange } from './interval.ts';
import { ANONYMOUS_NAME, type RuleDraft, type Statement } from './rule-draft.ts';
import { type Selector, typeOf } from './selector.ts';

/**
 * What a packet must have: one value, a range, a prefix, or any of several. Of connection states and
 * statuses, which are sets of bits, any in common is enough.
 */
export type Wanted = ValueOrRange | readonly ValueOrRange[];

type Operator = typeof NFT_CMP_EQ | typeof NFT_CMP_NEQ;

const NFT_LOOKUP_F_INV = 1;
const NFT_BYTEORDER_HTON = 1;

/** Goes on with packets of which the selector gives what is wanted. */
export function match(selector: Selector, wanted: Wanted): Statement {
  return (rule) => {
    if (selector.require && typeof wanted !== 'object' && !isPrefix(wanted)) {
      const [number = 0] = typeOf(selector).encode(wanted);
      selector.require(rule, number);
    } else compare(rule, selector, wanted, NFT_CMP_EQ);
  };
}

/**
 * Goes on with packets of which the selector gives anything else (nft's `!=`). They have to have such a
 * thing at all: `unless(tcp.dport, 22)` goes on with TCP only.
 */
export function unless(selector: Selector, wanted: Wanted): Statement {
  return (rule) => compare(rule, selector, wanted, NFT_CMP_NEQ);
}

/** Goes on with packets that a named set has an element for (nft's `ip saddr . udp sport @name`). */
export function inSet(selectors: Selector | readonly Selector[], set: string): Statement {
  return (rule) => {
    loadConcatenation(rule, [selectors].flat(), 0);
    rule.push({ name: 'lookup', set, sreg: register(0) });
  };
}

/** Goes on with packets that a named set has no element for. */
export function notInSet(selectors: Selector | readonly Selector[], set: string): Statement {
  return (rule) => {
    loadConcatenation(rule, [selectors].flat(), 0);
    rule.push({ name: 'lookup', set, sreg: register(0), flags: NFT_LOOKUP_F_INV });
  };
}

function compare(rule: RuleDraft, selector: Selector, wanted: Wanted, op: Operator): void {
  selector.guard?.(rule);
  const { bitmask } = typeOf(selector);
  if (bitmask) compareBits(rule, selector, [wanted].flat(), op);
  else if (isList(wanted)) compareList(rule, selector, wanted, op);
  else if (isPrefix(wanted)) comparePrefix(rule, selector, wanted, op);
  else if (typeof wanted === 'object') compareRange(rule, selector, wanted, op);
  else {
    selector.load(rule, 0);
    pushCompare(rule, op, typeOf(selector).encode(wanted));
  }
}

function compareBits(
  rule: RuleDraft,
  selector: Selector,
  wanted: readonly ValueOrRange[],
  op: Operator,
): void {
  const { encode, length } = typeOf(selector);
  const mask = new Uint8Array(length);
  for (const value of wanted) {
    if (typeof value === 'object') throw new RangeError('sets of bits have no ranges');
    encode(value).forEach((byte, index) => {
      mask[index] = (mask[index] ?? 0) | byte;
    });
  }
  selector.load(rule, 0);
  pushMask(rule, mask);
  // Some bit is there where the rest is not zero, and none where it is.
  pushCompare(rule, op === NFT_CMP_EQ ? NFT_CMP_NEQ : NFT_CMP_EQ, new Uint8Array(length));
}

function compareList(
  rule: RuleDraft,
  selector: Selector,
  wanted: readonly ValueOrRange[],
  op: Operator,
): void {
  const setId = rule.addSet({
    key: [selector.type],
    interval: wanted.some(isInterval),
    elements: wanted.map((key) => ({ key })),
  });
  selector.load(rule, 0);
  const flags = op === NFT_CMP_NEQ ? { flags: NFT_LOOKUP_F_INV } : {};
  rule.push({ name: 'lookup', set: ANONYMOUS_NAME, sreg: register(0), setId, ...flags });
}

/** Whole bytes of a header are compared without a mask, as nft does. */
function comparePrefix(rule: RuleDraft, selector: Selector, prefix: string, op: Operator): void {
  const { from } = boundsOf(selector.type, prefix);
  const { prefixLength, bytes } = parseIpPrefix(prefix);
  if (prefixLength === 0) {
    if (op === NFT_CMP_EQ) return;
    throw new RangeError(`no address is outside ${prefix}`);
  }
  if (selector.inHeader && prefixLength % 8 === 0) {
    selector.load(rule, 0, prefixLength / 8);
    pushCompare(rule, op, from.subarray(0, prefixLength / 8));
    return;
  }
  selector.load(rule, 0);
  pushMask(rule, leadingBits(bytes.length, prefixLength));
  pushCompare(rule, op, from);
}

function compareRange(rule: RuleDraft, selector: Selector, range: ValueRange, op: Operator): void {
  const { from, to } = boundsOf(selector.type, range);
  const { byteOrder, length } = dataType(selector.type);
  const sreg = register(0);
  selector.load(rule, 0);
  if (byteOrder === 'host') {
    rule.push({
      name: 'byteorder',
      sreg,
      dreg: sreg,
      op: NFT_BYTEORDER_HTON,
      length,
      size: length,
    });
  }
  if (op === NFT_CMP_NEQ) rule.push({ name: 'range', sreg, op, from, to });
  else {
    pushCompare(rule, NFT_CMP_GTE, from);
    pushCompare(rule, NFT_CMP_LTE, to);
  }
}

function pushCompare(rule: RuleDraft, op: number, data: Uint8Array): void {
  rule.push({ name: 'cmp', sreg: register(0), op, data });
}

function pushMask(rule: RuleDraft, mask: Uint8Array): void {
  const sreg = register(0);
  const { length } = mask;
  rule.push({ name: 'bitwise', sreg, dreg: sreg, length, mask, xor: new Uint8Array(length) });
}

function leadingBits(length: number, prefixLength: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => {
    const bits = Math.min(8, Math.max(0, prefixLength - 8 * index));
    return (0xff << (8 - bits)) & 0xff;
  });
}

function isList(wanted: Wanted): wanted is readonly ValueOrRange[] {
  return Array.isArray(wanted);
}
