import type { Random } from './random.ts';

/** Numbers at which lengths and counts go wrong. */
const EDGES = [
  ...[0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 20, 24, 31, 32, 0x7f, 0x80, 0xff, 0x100],
  ...[0x7fff, 0x8000, 0xfffc, 0xfffd, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fffc],
  0xffff_ffff,
];
/** What a mutation makes is no longer than this. */
export const LONGEST = 0x1_0000;
const MOST_CHANGES = 4;

type Change = (bytes: Uint8Array, random: Random, seeds: readonly Uint8Array[]) => Uint8Array;

const CHANGES: readonly Change[] = [
  flipBits,
  flipBits,
  setEdge,
  setEdge,
  setEdge,
  truncate,
  extend,
  remove,
  repeat,
  splice,
  moveWithin,
  fill,
];

/** A seed, changed in one to four ways; some of the seeds stay whole. */
export function mutateBytes(random: Random, seeds: readonly Uint8Array[]): Uint8Array {
  let bytes: Uint8Array = random.pick(seeds).slice();
  const changes = random.below(MOST_CHANGES + 1);
  for (let index = 0; index < changes; index++) {
    bytes = random.pick(CHANGES)(bytes, random, seeds);
  }
  return bytes.length > LONGEST ? bytes.subarray(0, LONGEST) : bytes;
}

function flipBits(bytes: Uint8Array, random: Random): Uint8Array {
  for (let count = 1 + random.below(8); count > 0 && bytes.length > 0; count--) {
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  }
  return bytes;
}

/** Writes one, two or four bytes, aligned in most cases, in either byte order. */
function setEdge(bytes: Uint8Array, random: Random): Uint8Array {
  const size = random.pick([1, 2, 2, 4]);
  if (bytes.length < size) return bytes;
  const anywhere = random.below(bytes.length - size + 1);
  const at = random.oneIn(4) ? anywhere : anywhere - (anywhere % size);
  const value = random.oneIn(3)
    ? bytes.length - at + random.below(5) - 2
    : random.pick(EDGES) + random.below(3) - 1;
  writeNumber(bytes, at, size, value, random.oneIn(2));
  return bytes;
}

/** `value` modulo what `size` bytes hold. */
export function writeNumber(
  bytes: Uint8Array,
  at: number,
  size: number,
  value: number,
  isBigEndian: boolean,
): void {
  for (let index = 0; index < size; index++) {
    const shift = 8 * (isBigEndian ? size - 1 - index : index);
    bytes[at + index] = value >>> shift;
  }
}

function truncate(bytes: Uint8Array, random: Random): Uint8Array {
  return bytes.slice(0, random.below(bytes.length + 1));
}

function extend(bytes: Uint8Array, random: Random): Uint8Array {
  const longer = new Uint8Array(bytes.length + random.below(64));
  longer.set(bytes);
  if (random.oneIn(2)) {
    for (let at = bytes.length; at < longer.length; at++) longer[at] = random.below(256);
  }
  return longer;
}

function remove(bytes: Uint8Array, random: Random): Uint8Array {
  const from = random.below(bytes.length + 1);
  const to = Math.min(bytes.length, from + random.below(16));
  return joined([bytes.subarray(0, from), bytes.subarray(to)]);
}

/** A part of up to 64 bytes, up to 256 times. */
function repeat(bytes: Uint8Array, random: Random): Uint8Array {
  const from = random.below(bytes.length + 1);
  const part = bytes.subarray(from, from + 1 + random.below(64));
  const count = random.oneIn(16) ? random.below(256) : random.below(8);
  const parts = Array.from({ length: count }, () => part);
  return joined([bytes.subarray(0, from), ...parts, bytes.subarray(from)]);
}

function splice(bytes: Uint8Array, random: Random, seeds: readonly Uint8Array[]): Uint8Array {
  const other = random.pick(seeds);
  const head = bytes.subarray(0, random.below(bytes.length + 1));
  const tail = other.subarray(random.below(other.length + 1));
  return joined([head, tail]);
}

function moveWithin(bytes: Uint8Array, random: Random): Uint8Array {
  const from = random.below(bytes.length + 1);
  bytes.copyWithin(random.below(bytes.length + 1), from, from + random.below(32));
  return bytes;
}

function fill(bytes: Uint8Array, random: Random): Uint8Array {
  const from = random.below(bytes.length + 1);
  return bytes.fill(random.pick([0, 0xff, 0x20, random.below(256)]), from, from + random.below(16));
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
