import { encode, mutateAttributes, nested } from './mutate-attributes.ts';
import { joined, mutateBytes } from './mutate-bytes.ts';
import { changeText, mutateJson } from './mutate-json.ts';
import type { Random } from './random.ts';

export type Message = Uint8Array | string;

/** A function that reads what others send, and how messages for it are made. */
export interface Decoder {
  readonly name: string;
  /** Exported functions that it calls, as `kernel/tc/netem.ts decodeNetem`. */
  readonly covers: readonly string[];
  /** A message, changed in ways that `random` decides. */
  readonly message: (random: Random) => Message;
  /** Messages of about so many bytes or characters, to see how time grows with them. */
  readonly grown: (length: number) => Message[];
  readonly decode: (message: Message) => unknown;
  /** Whether an error is one that the decoder's documentation names. */
  readonly mayThrow: (error: unknown) => boolean;
  /** What it does depends on what it was told before. */
  readonly isStateful: boolean;
  /** Takes so long that the short run is a tenth of that of others. */
  readonly isSlow: boolean;
}

interface Common {
  readonly name: string;
  readonly covers: readonly string[];
  /** None where it is left out. */
  readonly mayThrow?: (error: unknown) => boolean;
  readonly isStateful?: boolean;
  readonly isSlow?: boolean;
}

/** Of a seed no part gets longer than this in `grown`: what a 16-bit length can say. */
const LONGEST_PART = 0xff00;

/** Of a seed so many parts are made long. */
const MOST_SHAPES = 12;

/** What RangeErrors are not ours but the engine's. */
const OF_THE_ENGINE = /call stack|Invalid (array|string|typed array|count)|allocation/;

/** Reading past the end of a structure or attribute. */
export function isRangeError(error: unknown): boolean {
  return error instanceof RangeError && !OF_THE_ENGINE.test(error.message);
}

/** Reads bytes. */
export function ofBytes(
  options: Common & {
    readonly seeds: readonly Uint8Array[];
    readonly decode: (bytes: Uint8Array) => unknown;
  },
): Decoder {
  const { seeds, decode } = options;
  return {
    ...defaults(options),
    message: (random) => mutateBytes(random, seeds),
    grown: (length) => [
      new Uint8Array(length),
      new Uint8Array(length).fill(0xff),
      ...seeds.slice(0, 4).map((seed) => repeated(seed, length)),
    ],
    decode: (message) => decode(message as Uint8Array),
  };
}

/** Reads netlink attributes that follow a header of `offset` bytes. */
export function ofAttributes(
  options: Common & {
    readonly offset: number;
    readonly seeds: readonly Uint8Array[];
    readonly decode: (bytes: Uint8Array) => unknown;
  },
): Decoder {
  const { seeds, offset, decode } = options;
  return {
    ...defaults(options),
    message: (random) => mutateAttributes(random, seeds, offset),
    grown: (length) => seeds.slice(0, 4).flatMap((seed) => grownAttributes(seed, offset, length)),
    decode: (message) => decode(message as Uint8Array),
  };
}

/** Reads text. */
export function ofText(
  options: Common & {
    readonly seeds: readonly string[];
    readonly decode: (text: string) => unknown;
  },
): Decoder {
  const { seeds, decode } = options;
  return {
    ...defaults(options),
    message: (random) => {
      let text = random.pick(seeds);
      for (let count = random.below(5); count > 0; count--) {
        text = random.oneIn(4) ? spliced(text, seeds, random) : changeText(text, random);
      }
      return text;
    },
    grown: (length) =>
      [...'[{("\\\'0a./:- \n', '[[', '{"a":', 'a=', 'a.', '0.', '://', ...seeds].flatMap((part) => {
        const text = part.repeat(Math.ceil(length / Math.max(part.length, 1)));
        return [text, (seeds[0] ?? '') + text];
      }),
    decode: (message) => decode(message as string),
  };
}

/** Reads JSON. */
export function ofJson(
  options: Common & {
    readonly seeds: readonly unknown[];
    readonly decode: (json: string) => unknown;
  },
): Decoder {
  const { seeds, decode } = options;
  return {
    ...defaults(options),
    message: (random) => {
      const json = mutateJson(random, seeds);
      return random.oneIn(16) ? changeText(json, random) : json;
    },
    grown: (length) => [
      '['.repeat(length / 2) + ']'.repeat(length / 2),
      '{"a":'.repeat(length / 8) + 0 + '}'.repeat(length / 8),
      ...seeds.slice(0, 3).flatMap((seed) => grownJson(seed, length)),
    ],
    decode: (message) => decode(message as string),
  };
}

function defaults({ name, covers, mayThrow = () => false, isStateful, isSlow }: Common) {
  return { name, covers, mayThrow, isStateful: isStateful ?? false, isSlow: isSlow ?? false };
}

function spliced(text: string, seeds: readonly string[], random: Random): string {
  const other = random.pick(seeds);
  return text.slice(0, random.below(text.length + 1)) + other.slice(random.below(other.length + 1));
}

function repeated(part: Uint8Array, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; part.length > 0 && at < length; at += part.length) {
    bytes.set(part.subarray(0, length - at), at);
  }
  return bytes;
}

/** The attributes again and again; one of each type; one in itself; the first with a long payload. */
function grownAttributes(seed: Uint8Array, offset: number, length: number): Uint8Array[] {
  const head = seed.subarray(0, offset);
  const list = seed.subarray(offset);
  const long = Math.min(length, LONGEST_PART);
  const types = Array.from({ length: 48 }, (_, type) => ({
    type,
    payload: repeated(list, Math.min(long, Math.floor(length / 48))),
  }));
  const deep = nested({ type: 1, payload: list }, Math.floor(length / 4));
  return [
    joined([head, repeated(list, length)]),
    joined([head, repeated(encode([{ type: 1, payload: list.subarray(4, 8) }]), length)]),
    joined([head, encode(types)]),
    joined([head, encode([deep])]),
    ...[1, 2, 4].map((type) =>
      joined([head, list, encode([{ type, payload: repeated(list, long) }])]),
    ),
    joined([head, list, encode([{ type: 1, payload: new Uint8Array(long).fill(0x61) }])]),
  ];
}

/** The seed with each of its arrays, objects and texts made long, one at a time. */
function grownJson(seed: unknown, length: number): string[] {
  const texts: string[] = [];
  const visit = (value: unknown, place: (value: unknown) => unknown): void => {
    const add = (grown: unknown): void => void texts.push(JSON.stringify(place(grown)));
    if (typeof value === 'string') add(value + 'a'.repeat(length));
    if (typeof value !== 'object' || value === null) return;
    const size = JSON.stringify(value).length;
    const count = Math.ceil(length / (size + 8));
    if (Array.isArray(value)) {
      add(Array.from({ length: count }, () => value).flat());
      value.slice(0, 2).forEach((item: unknown, at) => {
        visit(item, (changed) => place(value.toSpliced(at, 1, changed)));
      });
      return;
    }
    const [first] = Object.values(value);
    const keys = Array.from({ length: Math.ceil(length / 16) }, (_, n) => [`key${n}`, first]);
    if (JSON.stringify(first ?? 0).length < 64) add({ ...value, ...Object.fromEntries(keys) });
    for (const [key, item] of Object.entries(value)) {
      visit(item, (changed) => place({ ...value, [key]: changed }));
    }
  };
  visit(seed, (value) => value);
  return texts.slice(0, MOST_SHAPES);
}
