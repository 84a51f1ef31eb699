import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Direction, LINK_CONDITIONS, LinkConditionName, LinkConditions } from '@netweir/api';
import { waysOf } from './ways.ts';

describe('The named conditions', () => {
  test('are those of the field, one way', () => {
    const rows = Object.entries(LINK_CONDITIONS).map(([name, { delay, loss, rate }]) => [
      name,
      delay?.mean ?? null,
      delay?.jitter ?? null,
      (loss?.model === 'random' && loss.probability) || null,
      rate?.rate ?? null,
    ]);
    assert.deepEqual(rows, [
      ['lan', null, null, null, null],
      ['wifi', '5ms', '2ms', '0.1%', null],
      ['wifi-bad', '40ms', '15ms', '2%', '20mbit'],
      ['mobile-4g', '25ms', '8ms', '0.5%', null],
      ['mobile-3g', '100ms', '30ms', '2%', '2mbit'],
      ['satellite', '40ms', '7ms', '1%', null],
      ['satellite-geo', '300ms', '20ms', '0.5%', '25mbit'],
    ]);
  });

  test('are directions, and all that the vocabulary has', () => {
    assert.deepEqual(Object.keys(LINK_CONDITIONS), LinkConditionName.options);
    for (const direction of Object.values(LINK_CONDITIONS)) {
      assert.deepEqual(Direction.parse(direction), direction);
    }
  });
});

describe('Conditions by their ways', () => {
  const slow: Direction = { delay: { mean: '1s' } };
  const both = { egress: slow, ingress: slow };

  test('are the same both ways where no way is said', () => {
    assert.deepEqual(waysOf(slow), both);
    assert.deepEqual(waysOf('satellite').ingress, LINK_CONDITIONS.satellite);
  });

  test('are nothing where a way is absent, null, or means nothing', () => {
    const clean = { egress: null, ingress: null };
    for (const nothing of [null, 'lan', {}, { egress: null }, { ingress: 'lan' }] as const) {
      assert.deepEqual(waysOf(nothing), clean);
    }
    assert.deepEqual(waysOf({ ingress: slow }), { egress: null, ingress: slow });
  });

  test('are conditions again', () => {
    for (const wanted of ['wifi-bad', { egress: slow }, slow] as const) {
      const ways = waysOf(wanted);
      assert.deepEqual(waysOf(LinkConditions.parse(JSON.parse(JSON.stringify(ways)))), ways);
    }
  });
});
