import type { Random } from './random.ts';

const EDGES: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 53), 1e308, 5e-324],
  ...[
    '',
    ' ',
    '\0',
    '\u2028',
    '\ud800',
    '%',
    '-1',
    '1e9',
    '0x10',
    'NaN',
    'Infinity',
    '100%',
    '1ms',
  ],
  ...['1gbit', '10.0.0.0/8', '::/0', '::ffff:1.2.3.4', '65536', '0-65535', '9-1', '*', '__proto__'],
  ...['constructor', 'toString', 'é'.repeat(40), 'a'.repeat(300)],
  ...[[], {}, [[]], [null], { '': null }, { length: 1e9 }],
];
const KEYS = [
  '',
  '__proto__',
  'constructor',
  'toString',
  'length',
  '0',
  'type',
  'kind',
  'id',
  'a.b',
];
const DEEPEST = 400;

/** A seed of which one to four values or keys are others; as JSON. */
export function mutateJson(random: Random, seeds: readonly unknown[]): string {
  let value = random.pick(seeds);
  for (let count = random.below(5); count > 0; count--) value = change(value, random, seeds);
  return JSON.stringify(value) ?? 'null';
}

/** Changes something somewhere below; what is not changed is shared with the seed. */
function change(value: unknown, random: Random, seeds: readonly unknown[]): unknown {
  const isTree = typeof value === 'object' && value !== null;
  if (!isTree || random.oneIn(6)) return other(value, random, seeds);
  if (Array.isArray(value)) return changeArray(value, random, seeds);
  return changeObject(value, random, seeds);
}

function changeArray(array: unknown[], random: Random, seeds: readonly unknown[]): unknown[] {
  const at = random.below(array.length + 1);
  const item = array[at];
  switch (random.below(5)) {
    case 0:
      return array.toSpliced(at, 1);
    case 1:
      return array.toSpliced(at, 0, other(item, random, seeds));
    case 2:
      return array.toSpliced(at, 0, ...Array.from({ length: random.below(64) }, () => item));
    default:
      return array.toSpliced(at, 1, change(item, random, seeds));
  }
}

function changeObject(object: object, random: Random, seeds: readonly unknown[]): object {
  const entries = Object.entries(object);
  const at = random.below(entries.length + 1);
  const [key, value] = entries[at] ?? [random.pick(KEYS), null];
  switch (random.below(6)) {
    case 0:
      return fromEntries(entries.toSpliced(at, 1));
    case 1:
      return fromEntries([...entries, [random.pick(KEYS), other(value, random, seeds)]]);
    case 2:
      return fromEntries(entries.toSpliced(at, 1, [random.pick(KEYS), value]));
    default:
      return fromEntries(entries.toSpliced(at, 1, [key, change(value, random, seeds)]));
  }
}

/** With `__proto__` as a key like others, which JSON.parse makes too. */
function fromEntries(entries: readonly (readonly [string, unknown])[]): object {
  const object = {};
  for (const [key, value] of entries) {
    Object.defineProperty(object, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return object;
}

/** What comes in the place of a value. */
function other(value: unknown, random: Random, seeds: readonly unknown[]): unknown {
  switch (random.below(8)) {
    case 0:
      return within(random.pick(seeds), random);
    case 1:
      return deep(value, random.oneIn(8) ? DEEPEST : random.below(8), random.oneIn(2));
    case 2:
      if (typeof value === 'number') return value + random.pick([-1, 1, 0.5, 1e9, -1e9]);
      return typeof value === 'string' ? changeText(value, random) : random.pick(EDGES);
    case 3:
      return typeof value === 'string' ? changeText(value, random) : [value];
    default:
      return random.pick(EDGES);
  }
}

/** A random part of a tree. */
function within(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random.oneIn(4)) return value;
  const parts: unknown[] = Object.values(value);
  return parts.length === 0 ? value : within(random.pick(parts), random);
}

function deep(value: unknown, depth: number, inObjects: boolean): unknown {
  let result = value;
  for (let level = 0; level < depth; level++) result = inObjects ? { a: result } : [result];
  return result;
}

export function changeText(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  const edge = random.pick(EDGES);
  switch (random.below(5)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1 + random.below(4));
    case 1:
      return text.slice(0, at) + String.fromCharCode(random.below(0x180)) + text.slice(at);
    case 2:
      return text.slice(0, at) + (typeof edge === 'string' ? edge : '9') + text.slice(at);
    case 3:
      return text.slice(0, at) + text.slice(0, at) + text.slice(at);
    default:
      return text.slice(0, at) + String(random.below(1e9)) + text.slice(at + random.below(3));
  }
}
