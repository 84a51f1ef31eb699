import { joined, LONGEST, mutateBytes, writeNumber } from './mutate-bytes.ts';
import type { Random } from './random.ts';

const HEADER_LENGTH = 4;
const TYPE_MASK = 0x3fff;
const DEEPEST = 64;
const DEEP_LENGTH = 0xf000;

interface Attribute {
  readonly type: number;
  readonly payload: Uint8Array;
  /** What its header says of its length, where that is not the truth. */
  readonly lie?: number;
}

/**
 * A seed of which the netlink attributes behind `offset` are changed as such: lies about their lengths,
 * other types, attributes that are there again and again, left out, exchanged, or in each other. The
 * attributes around have their right lengths.
 */
export function mutateAttributes(
  random: Random,
  seeds: readonly Uint8Array[],
  offset: number,
): Uint8Array {
  const seed = random.pick(seeds);
  if (random.oneIn(3) || seed.length < offset) return mutateBytes(random, seeds);
  let bytes = seed;
  for (let count = 1 + random.below(3); count > 0; count--) {
    bytes = joined([bytes.subarray(0, offset), changeList(bytes.subarray(offset), random)]);
  }
  // Of the header in front, too.
  if (offset > 0 && random.oneIn(8)) {
    bytes[random.below(Math.min(offset, bytes.length))] = random.below(256);
  }
  return bytes.length > LONGEST ? bytes.subarray(0, LONGEST) : bytes;
}

/** The attributes that fill `bytes`, up to what is none. */
function attributesIn(bytes: Uint8Array): Attribute[] {
  const attributes: Attribute[] = [];
  let at = 0;
  while (at + HEADER_LENGTH <= bytes.length) {
    const length = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
    if (length < HEADER_LENGTH || at + length > bytes.length) break;
    const type = (bytes[at + 2] ?? 0) | ((bytes[at + 3] ?? 0) << 8);
    attributes.push({ type, payload: bytes.subarray(at + HEADER_LENGTH, at + length) });
    at += (length + 3) & ~3;
  }
  return attributes;
}

function changeList(bytes: Uint8Array, random: Random): Uint8Array {
  const attributes = attributesIn(bytes);
  if (attributes.length === 0) return mutateBytes(random, [bytes]);
  const index = random.below(attributes.length);
  const chosen = attributes[index] as Attribute;
  if (chosen.payload.length >= HEADER_LENGTH && random.oneIn(2)) {
    const isNest = attributesIn(chosen.payload).length > 0;
    // netem's attributes stand behind a structure.
    const start = isNest || chosen.payload.length < 28 ? 0 : 24;
    const head = chosen.payload.subarray(0, start);
    const changed = joined([head, changeList(chosen.payload.subarray(start), random)]);
    attributes[index] = { type: chosen.type, payload: changed };
  } else {
    attributes.splice(index, 1, ...changed(chosen, attributes, random));
  }
  return encode(attributes);
}

/** What comes in the place of an attribute. */
function changed(chosen: Attribute, among: readonly Attribute[], random: Random): Attribute[] {
  const { type, payload } = chosen;
  const other = random.pick(among);
  switch (random.below(8)) {
    case 0:
      return [{ ...chosen, lie: random.pick([0, 1, 3, 4, 5, 8, payload.length, 0xffff]) }];
    case 1:
      return [{ type: random.oneIn(4) ? random.below(0x1_0000) : random.below(32), payload }];
    case 2:
      return Array.from({ length: random.oneIn(16) ? 200 : 1 + random.below(8) }, () => chosen);
    case 3:
      return [];
    case 4:
      return [
        { type, payload: other.payload },
        { type: other.type, payload },
      ];
    case 5:
      return [nested(chosen, 1 + random.below(DEEPEST))];
    case 6:
      return [{ type, payload: payload.slice(0, random.below(payload.length + 1)) }];
    default:
      return [{ type, payload: mutateBytes(random, [payload]).subarray(0, 0x7000) }];
  }
}

/** The attribute in itself, and that in itself, as deep as lengths of 16 bits allow. */
export function nested({ type, payload }: Attribute, depth: number): Attribute {
  const levels = Math.max(0, Math.min(depth, Math.floor((DEEP_LENGTH - payload.length) / 4)));
  const bytes = new Uint8Array(HEADER_LENGTH * levels + payload.length);
  for (let level = 0; level < levels; level++) {
    const at = HEADER_LENGTH * level;
    writeNumber(bytes, at, 2, bytes.length - at, false);
    writeNumber(bytes, at + 2, 2, type & TYPE_MASK, false);
  }
  bytes.set(payload, HEADER_LENGTH * levels);
  return { type, payload: bytes };
}

export function encode(attributes: readonly Attribute[]): Uint8Array {
  const parts = attributes.map(({ type, payload, lie }) => {
    const length = HEADER_LENGTH + payload.length;
    const bytes = new Uint8Array((length + 3) & ~3);
    writeNumber(bytes, 0, 2, lie ?? Math.min(length, 0xffff), false);
    writeNumber(bytes, 2, 2, type, false);
    bytes.set(payload, HEADER_LENGTH);
    return bytes;
  });
  return joined(parts);
}
