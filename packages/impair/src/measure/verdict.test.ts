import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { verdictOf, worstOf } from './verdict.ts';

describe('a verdict', () => {
  test('is as set where the interval is narrow and reaches what is set, with its allowance', () => {
    assert.equal(verdictOf(50, { low: 49.9, high: 50.1 }, 1), 'as set');
    assert.equal(verdictOf(50, { low: 50.8, high: 50.9 }, 1), 'as set');
    assert.equal(verdictOf(0, { low: 0, high: 0.0005 }, 0.001), 'as set');
  });

  test('is that it differs where the whole interval is beyond', () => {
    assert.equal(verdictOf(50, { low: 51.1, high: 51.2 }, 1), 'differs');
    assert.equal(verdictOf(50, { low: 20, high: 48.9 }, 1), 'differs');
    assert.equal(verdictOf(0.05, { low: 0, high: 0.02 }, 0.001), 'differs');
  });

  test('is unclear where half of what is set, or nothing, could be the truth', () => {
    assert.equal(verdictOf(0.01, { low: 0, high: 0.03 }, 0.001), 'unclear');
    assert.equal(verdictOf(0, { low: 0, high: 0.05 }, 0.001, 0.01), 'unclear');
  });

  test('of several is the worst, and of none is none', () => {
    assert.equal(worstOf(['as set', 'unclear', 'as set']), 'unclear');
    assert.equal(worstOf(['differs', 'unclear']), 'differs');
    assert.equal(worstOf([]), null);
  });
});
