import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { delayWord, percentWord, rateWord, sizeWord, timeWord } from './values.ts';

const RUNS = { numRuns: 20_000 };

/** iproute2's strtod and what stands behind the number; a double of JavaScript is one of C. */
function split(word: string): { value: number; unit: string } {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([a-z%]*)$/u.exec(word) ?? [];
  assert.ok(number !== undefined && unit !== undefined, word);
  return { value: Number(number), unit };
}

function product(word: string, scales: Readonly<Record<string, number>>): number {
  const { value, unit } = split(word);
  const scale = scales[unit];
  assert.ok(scale !== undefined, `tc would refuse ${word}`);
  return value * scale;
}

/** get_time64 (lib/utils.c): of slots, and since 6.9 of delays. */
function getTime64(word: string): number {
  return Math.trunc(product(word, { s: 1e9, ms: 1e6, us: 1e3, ns: 1 }));
}

/** get_time (lib/utils.c): of delays before 6.9, in microseconds of 32 bits, and without nanoseconds. */
function getTime(word: string): number {
  return Math.trunc(product(word, { s: 1e6, ms: 1e3, us: 1 })) % 2 ** 32;
}

/** get_rate64 (lib/utils_math.c) */
function getRate64(word: string): number {
  const scales = { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9, bps: 8 };
  return Math.trunc(product(word, scales) / 8);
}

/** get_size (lib/utils_math.c) */
function getSize(word: string): number {
  return Math.trunc(product(word, { b: 1 }));
}

/** parse_percent and set_percent (tc/q_netem.c): rint takes halves to the even number. */
function getPercent(word: string): number {
  const { value, unit } = split(word);
  assert.equal(unit, '%');
  const scaled = (value / 100) * 0xffff_ffff;
  const floor = Math.floor(scaled);
  if (scaled - floor === 0.5) return floor + (floor % 2);
  return Math.round(scaled);
}

/** Numbers of every length up to so many bits, and those close to a whole number of a larger unit. */
function numbers(bits: number): fc.Arbitrary<number> {
  const max = 2 ** bits - 1;
  const ofEachLength = fc
    .integer({ min: 0, max: bits })
    .chain((length) => fc.integer({ min: 0, max: 2 ** length - 1 }));
  const round = fc
    .tuple(
      fc.integer({ min: 1, max: 9999 }),
      fc.integer({ min: 0, max: 12 }),
      fc.constantFrom(0, 1),
    )
    .map(([digits, zeros, more]) => Math.min(max, digits * 10 ** zeros + more));
  return fc.oneof(ofEachLength, round);
}

/** Where each nanosecond is tried. */
const STRETCHES = [0, 261_000, 1_000_000_000, 274_877_000_000].map((from) => ({
  from,
  to: from + 200_000,
}));

describe('what tc reads of a printed time', () => {
  test('of a slot is the same time', () => {
    assert.equal(timeWord(261_352), '261352ns');
    const check = (ns: number): void => assert.equal(getTime64(timeWord(ns)), ns);
    for (const { from, to } of STRETCHES) for (let ns = from; ns < to; ns++) check(ns);
    fc.assert(fc.property(numbers(53), check), RUNS);
  });

  test('of a delay is the same time since iproute2 6.9', () => {
    const check = (ns: number): void => assert.equal(getTime64(delayWord(ns)), ns);
    for (const { from, to } of STRETCHES) for (let ns = from; ns < to; ns++) check(ns);
    fc.assert(fc.property(numbers(53), check), RUNS);
  });

  test('of a delay is the same to the microsecond before iproute2 6.9', () => {
    const check = (ns: number): void =>
      assert.equal(getTime(delayWord(ns)), Math.floor(ns / 1000), delayWord(ns));
    for (const { from, to } of STRETCHES) for (let ns = from; ns < to; ns++) check(ns);
    // 32 bits of ticks of 64 ns.
    fc.assert(fc.property(numbers(38), check), RUNS);
  });

  test('of a delay that iproute2 before 6.9 would take for a short one is refused by it', () => {
    assert.equal(getTime('4300s'), 5_032_704);
    assert.throws(() => getTime(delayWord(4_300_000_000_000)), /refuse 4300000000000ns/);
  });

  test('is for people, too: as short as it can be', () => {
    assert.deepEqual(
      [0, 1_500_000_000, 40_000_000, 250_000, 40].map((ns) => [timeWord(ns), delayWord(ns)]),
      [
        ['0us', '0us'],
        ['1500ms', '1500ms'],
        ['40ms', '40ms'],
        ['250us', '250us'],
        ['40ns', '0.04us'],
      ],
    );
    assert.equal(delayWord(261_352), '261.3525us');
  });
});

test('what tc reads of a printed rate is the same rate', () => {
  const check = (rate: number): void => assert.equal(getRate64(rateWord(rate)), rate);
  for (let rate = 0; rate < 200_000; rate++) check(rate);
  fc.assert(fc.property(numbers(53), check), RUNS);
});

test('what tc reads of a printed size is the same size', () => {
  fc.assert(
    fc.property(numbers(32), (bytes) => assert.equal(getSize(sizeWord(bytes)), bytes)),
    RUNS,
  );
});

test('what tc reads of a printed share is the same probability', () => {
  const check = (probability: number): void =>
    assert.equal(getPercent(percentWord(probability)), probability);
  for (let from = 0; from < 5000; from++) {
    check(from);
    check(0xffff_ffff - from);
  }
  fc.assert(fc.property(numbers(32), check), RUNS);
});
