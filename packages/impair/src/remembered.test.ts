import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ownCopies, remembered } from './remembered.ts';

describe('what is remembered', () => {
  test('is computed once for arguments of the same JSON', () => {
    let calls = 0;
    const sum = remembered(({ a, b }: { a: number; b: number }) => {
      calls += 1;
      return a + b;
    });
    const first = { a: 1, b: 2 };
    assert.deepEqual(
      [sum(first), sum(first), sum({ a: 1, b: 2 }), sum({ a: 1, b: 3 })],
      [3, 3, 3, 4],
    );
    assert.equal(calls, 2);
  });
});

describe('own copies', () => {
  const own = ownCopies<{ rates: string[]; name?: string | undefined }>();

  test('are one for values of the same JSON', () => {
    const copy = own({ rates: ['1mbit'], name: undefined });
    assert.deepEqual(copy, { rates: ['1mbit'] });
    assert.equal(own({ rates: ['1mbit'] }), copy);
    assert.notEqual(own({ rates: ['2mbit'] }), copy);
  });

  test('do not change with the value that they are of, and a changed value has another', () => {
    const value = { rates: ['1mbit'] };
    const before = own(value);
    value.rates.push('2mbit');
    assert.deepEqual(before, { rates: ['1mbit'] });
    assert.deepEqual(own(value), { rates: ['1mbit', '2mbit'] });
    assert.deepEqual(own({ rates: ['1mbit'] }), { rates: ['1mbit'] });
  });
});
