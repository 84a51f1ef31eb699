import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isNetweirError } from '../errors/netweir-error.ts';
import { validate } from '../errors/validate.ts';
import { exactDirection, isUntouched } from './exact.ts';
import { directionOf, summarize } from './print.ts';
import { Direction, Impairment } from './schema.ts';

const percent = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => `${hundredths / 100}%`);
const jitter = fc.integer({ min: 1, max: 2_147_483_647 }).map((ns) => `${ns}ns`);
const span = fc.integer({ min: 1, max: 10_000_000 }).map((us) => `${us}us`);
const chance = fc.record({ probability: percent, correlation: percent });

const direction = fc.record(
  {
    delay: fc.record({
      mean: span,
      jitter,
      correlation: percent,
      distribution: fc.constantFrom('uniform', 'normal', 'pareto', 'paretonormal'),
    }),
    loss: fc.oneof(
      fc.record({ model: fc.constant('random'), probability: percent, correlation: percent }),
      fc.record({
        model: fc.constant('gilbert-elliott'),
        p: percent,
        r: percent,
        lossInBad: percent,
        lossInGood: percent,
      }),
      fc.record({
        model: fc.constant('state'),
        p13: percent,
        p31: percent,
        p32: percent,
        p23: percent,
        p14: percent,
      }),
    ),
    duplicate: chance,
    corrupt: chance,
    rate: fc.record({
      rate: fc.integer({ min: 1, max: 100_000 }).map((kbit) => `${kbit}kbit`),
      packetOverheadBytes: fc.integer({ min: -100, max: 100 }),
      cellBytes: fc.integer({ min: 1, max: 1000 }),
      cellOverheadBytes: fc.integer({ min: -10, max: 10 }),
    }),
    limitPackets: fc.integer({ min: 1, max: 0xffff_ffff }),
    seed: fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }).map(String),
  },
  { requiredKeys: [] },
);

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (isNetweirError(error)) return error.code;
    throw error;
  }
  return 'accepted';
}

describe('a direction', () => {
  test('is the same after it has gone through exact numbers and back', () => {
    fc.assert(
      fc.property(direction, (asked) => {
        const exact = exactDirection(validate(Direction, asked, 'the direction'));
        assert.deepEqual(exactDirection(directionOf(exact)), exact);
      }),
    );
  });

  test("gets tc's defaults for the loss models", () => {
    assert.deepEqual(exactDirection({ loss: { model: 'gilbert-elliott', p: '1%' } }).loss, {
      model: 'gilbert-elliott',
      p: 0x028f_5c29,
      r: 0xffff_ffff - 0x028f_5c29,
      lossInBad: 0xffff_ffff,
      lossInGood: 0,
    });
    assert.deepEqual(exactDirection({ loss: { model: 'state', p13: '1%' } }).loss, {
      model: 'state',
      p13: 0x028f_5c29,
      p31: 0xffff_ffff - 0x028f_5c29,
      p32: 0,
      p23: 0xffff_ffff,
      p14: 0,
    });
  });

  const contradictions: [string, Direction][] = [
    ['reorder without a delay', { reorder: { probability: '25%' } }],
    [
      'reorder with a delay of nothing',
      { delay: { mean: '0ms' }, reorder: { probability: '25%' } },
    ],
    ['ecn without a loss', { delay: { mean: '1ms' }, ecn: true }],
    ['a distribution without a jitter', { delay: { mean: '1ms', distribution: 'normal' } }],
    ['a jitter above 2.147 s', { delay: { mean: '5s', jitter: '3s' } }],
    ['a slot that ends before it begins', { slot: { minDelay: '2ms', maxDelay: '1ms' } }],
    ['a slot of no time', { slot: { minDelay: '0ms' } }],
    [
      'a slot of a distribution without a jitter',
      { slot: { distribution: 'normal', delay: '1ms', jitter: '0ms' } },
    ],
    ['a cell overhead without cells', { rate: { rate: '1mbit', cellOverheadBytes: 5 } }],
  ];
  for (const [what, asked] of contradictions) {
    test(`refuses ${what}`, () => {
      assert.equal(
        codeOf(() => exactDirection(asked)),
        'invalid-combination',
      );
    });
  }

  test('that only sets a limit or ecn leaves packets untouched', () => {
    assert.equal(isUntouched({ limitPackets: 5 }), true);
    assert.equal(isUntouched({ delay: { mean: '0ms' } }), true);
    assert.equal(isUntouched({ loss: { model: 'random', probability: '0%' } }), true);
    assert.equal(isUntouched({ delay: { mean: '0ms', jitter: '1ms' } }), false);
    assert.equal(isUntouched({ rate: { rate: '1mbit' } }), false);
  });

  test('is summed up in one line', () => {
    const text = summarize({
      delay: { mean: '100ms', jitter: '10ms' },
      loss: { model: 'random', probability: '1%' },
      rate: { rate: '10mbit' },
    });
    assert.equal(text, 'delay 100ms ±10ms · loss 1% · rate 10mbit');
  });
});

describe('the schema of an impairment', () => {
  const wrong: [string, unknown, string, RegExp][] = [
    ['no egress', {}, 'invalid-request', /egress/],
    ['an unknown key', { egress: { dely: { mean: '1ms' } } }, 'invalid-request', /dely/],
    [
      'a number for a duration',
      { egress: { delay: { mean: 100 } } },
      'invalid-request',
      /egress\.delay\.mean/,
    ],
    ['an unknown unit', { egress: { delay: { mean: '1parsec' } } }, 'invalid-quantity', /parsec/],
    [
      'an ambiguous rate',
      { egress: { rate: { rate: '10mbps' } } },
      'invalid-quantity',
      /write 10mbit/,
    ],
    [
      'a percentage above 100',
      { egress: { corrupt: { probability: '200%' } } },
      'invalid-quantity',
      /100%/,
    ],
    [
      'an unknown loss model',
      { egress: { loss: { model: 'psychic' } } },
      'invalid-request',
      /loss/,
    ],
    ['a fractional limit', { egress: { limitPackets: 1.5 } }, 'invalid-request', /limitPackets/],
    [
      'a limit that drops everything',
      { egress: { limitPackets: 0 } },
      'invalid-request',
      /limitPackets/,
    ],
    [
      'a seed above 64 bits',
      { egress: { seed: '18446744073709551616' } },
      'invalid-request',
      /seed/,
    ],
    ['a lease without a unit', { egress: {}, for: '5' }, 'invalid-quantity', /unit/],
    ['an array', [], 'invalid-request', /object/],
    ['null', null, 'invalid-request', /object/],
  ];
  for (const [what, value, code, message] of wrong) {
    test(`refuses ${what}, and names it`, () => {
      try {
        validate(Impairment, value, 'the impairment');
        assert.fail('it was accepted');
      } catch (error) {
        assert.ok(isNetweirError(error), String(error));
        assert.equal(error.code, code);
        assert.match(error.message, message);
      }
    });
  }
});
