import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isNetweirError } from '../errors/netweir-error.ts';
import { formatDuration, parseDuration } from './duration.ts';
import { CERTAIN, formatPercent, parsePercent } from './percent.ts';
import type { BitsPerSecond, Nanoseconds, Probability } from './quantity.ts';
import { formatRate, parseRate } from './rate.ts';

function refusal(action: () => unknown): { message: string; remedy: string } {
  try {
    action();
  } catch (error) {
    assert.ok(isNetweirError(error), String(error));
    assert.equal(error.code, 'invalid-quantity');
    return { message: error.message, remedy: error.remedy ?? '' };
  }
  throw assert.fail('nothing was refused');
}

/** Integers of every magnitude, with those around the powers of ten and of two. */
function magnitudes(min: number): fc.Arbitrary<number> {
  const edges = [10, 2, 1024].flatMap((base) =>
    Array.from({ length: 52 }, (_, power) => base ** power).flatMap((one) => [
      one - 1,
      one,
      one + 1,
    ]),
  );
  const fits = (value: number): boolean => value >= min && value <= Number.MAX_SAFE_INTEGER;
  return fc.oneof(
    fc.constantFrom(...edges.filter(fits)),
    fc.integer({ min, max: Number.MAX_SAFE_INTEGER }),
    fc
      .tuple(fc.nat(999_999), fc.nat(9))
      .map(([digits, zeros]) => digits * 10 ** zeros)
      .filter(fits),
  );
}

describe('durations', () => {
  const readings: [string, number][] = [
    ['100ms', 100_000_000],
    ['1.5s', 1_500_000_000],
    ['250us', 250_000],
    ['250µs', 250_000],
    ['40ns', 40],
    ['0ms', 0],
    ['5m', 300_000_000_000],
    ['2h', 7_200_000_000_000],
    ['0.000001ms', 1],
    [' 10 ms ', 10_000_000],
  ];
  for (const [text, expected] of readings) {
    test(`${JSON.stringify(text)} is ${expected} ns`, () => {
      assert.equal(parseDuration(text), expected);
    });
  }

  const refused: [string, RegExp][] = [
    ['', /is empty/],
    ['100', /has no unit/],
    ['-5ms', /is negative/],
    ['NaN', /not a finite number/],
    ['NaNms', /not a finite number/],
    ['Infinity', /not a finite number/],
    ['1e3ms', /has an exponent/],
    ['10fortnights', /unknown unit "fortnights"/],
    ['10 MS', /unknown unit "MS"/],
    ['10constructor', /unknown unit "constructor"/],
    ['10__proto__', /unknown unit "__proto__"/],
    ['0.5ns', /finer than a nanosecond/],
    ['999999999999h', /too large/],
    ['ms', /not a number with a unit/],
    ['1,5ms', /not a number|unknown unit/],
    ['1.5.2ms', /not a number with a unit/],
    ['0x10ms', /unknown unit/],
  ];
  for (const [text, message] of refused) {
    test(`${JSON.stringify(text)} is refused, with what to write instead`, () => {
      const refusalOf = refusal(() => parseDuration(text));
      assert.match(refusalOf.message, message);
      assert.match(refusalOf.remedy, /100ms/);
    });
  }

  test('printing is the inverse of parsing', () => {
    fc.assert(
      fc.property(magnitudes(0), (ns) => {
        assert.equal(parseDuration(formatDuration(ns as Nanoseconds)), ns);
      }),
    );
  });

  test('what is printed is printed again', () => {
    for (const text of ['0ms', '1ns', '999ns', '1us', '1.5ms', '999.999999ms', '1s', '3600s']) {
      assert.equal(formatDuration(parseDuration(text)), text);
    }
  });
});

describe('rates', () => {
  const readings: [string, number][] = [
    ['10mbit', 10_000_000],
    ['10Mbit', 10_000_000],
    ['10Mbit/s', 10_000_000],
    ['64kbit', 64_000],
    ['1.5gbit', 1_500_000_000],
    ['9600bit', 9_600],
    ['1mibit', 1_048_576],
    ['10MB/s', 80_000_000],
    ['1.25MB/s', 10_000_000],
    ['1KiB/s', 8_192],
    ['2tbit', 2_000_000_000_000],
  ];
  for (const [text, expected] of readings) {
    test(`${text} is ${expected} bit/s`, () => {
      assert.equal(parseRate(text), expected);
    });
  }

  test('10mbps is refused, and both of its meanings are offered', () => {
    const { message, remedy } = refusal(() => parseRate('10mbps'));
    assert.match(message, /ambiguous/);
    assert.equal(remedy, 'write 10mbit for bits or 10MB/s for bytes');
  });

  const refused: [string, RegExp][] = [
    ['1.5 Kbps', /ambiguous/],
    ['10', /has no unit/],
    ['10mb/s', /unknown unit "mb\/s"/],
    ['-1mbit', /is negative/],
    ['0mbit', /below 8bit/],
    ['7bit', /below 8bit/],
    ['10parsec', /unknown unit/],
    ['0.5bit', /finer than a bit/],
    ['10ibit', /unknown unit/],
    ['99999999999tbit', /too large/],
  ];
  for (const [text, message] of refused) {
    test(`${text} is refused`, () => {
      assert.match(refusal(() => parseRate(text)).message, message);
    });
  }

  test('printing is the inverse of parsing', () => {
    fc.assert(
      fc.property(magnitudes(8), (rate) => {
        assert.equal(parseRate(formatRate(rate as BitsPerSecond)), rate);
      }),
    );
  });
});

describe('percentages', () => {
  const readings: [string, number][] = [
    ['0%', 0],
    ['100%', 0xffff_ffff],
    ['1%', 0x028f_5c29],
    ['10%', 0x1999_999a],
    ['25%', 0x4000_0000],
  ];
  for (const [text, expected] of readings) {
    test(`${text} is ${expected.toString(16)}, as tc sends it`, () => {
      assert.equal(parsePercent(text), expected);
    });
  }

  const refused: [string, RegExp][] = [
    ['1', /has no %/],
    ['0.01', /has no %/],
    ['101%', /more than 100%/],
    ['100.0001%', /more than 100%/],
    ['-1%', /is negative/],
    ['1ms', /unknown unit "ms"/],
    ['%', /not a number/],
  ];
  for (const [text, message] of refused) {
    test(`${text} is refused`, () => {
      assert.match(refusal(() => parsePercent(text)).message, message);
    });
  }

  test('printing is the inverse of parsing for every probability that the kernel has', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: CERTAIN }), (value) => {
        assert.equal(parsePercent(formatPercent(value as Probability)), value);
      }),
    );
  });

  test('halves are rounded to the even number, as tc does with doubles', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), (tenThousandths) => {
        const text = `${tenThousandths / 10_000}%`;
        const scaled = (Number(text.slice(0, -1)) / 100) * CERTAIN;
        const [floor, rest] = [Math.floor(scaled), scaled - Math.floor(scaled)];
        const isUp = rest > 0.5 || (rest === 0.5 && floor % 2 === 1);
        assert.equal(parsePercent(text), floor + (isUp ? 1 : 0), text);
      }),
    );
    assert.deepEqual(
      ['10%', '30%', '50%', '70%', '90%'].map(parsePercent),
      [0x1999_999a, 0x4ccc_cccc, 0x8000_0000, 0xb333_3332, 0xe666_6666],
    );
  });

  test('what a person wrote is what is printed', () => {
    for (const text of ['0%', '0.1%', '1%', '2.5%', '33.3%', '50%', '99.9%', '100%']) {
      assert.equal(formatPercent(parsePercent(text)), text);
    }
  });
});

test('any text is a quantity, or refused by an error of netweir', () => {
  const part = fc.constantFrom(
    ...[
      '0',
      '1',
      '15',
      '.',
      ' ',
      '-',
      '+',
      'e',
      '%',
      '\t',
      '\0',
      '\u0661',
      '\u00b5',
      'k',
      'mbit',
      'B/s',
      'ms',
      'h',
    ],
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(part).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (any) => {
      for (const parse of [parseDuration, parseRate, parsePercent]) {
        try {
          const value = parse(any);
          assert.ok(Number.isSafeInteger(value) && value >= 0, any);
        } catch (error) {
          assert.ok(isNetweirError(error), String(error));
        }
      }
    }),
    { numRuns: 2000 },
  );
});
