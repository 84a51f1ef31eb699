import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinText, splitText, typedText } from './quantity.ts';

test('a quantity comes apart into number and unit and goes together again', () => {
  for (const text of ['100ms', '1.5s', '0.05%', '10mbit', '1.25MB/s']) {
    assert.equal(joinText(splitText(text, '?')), text);
  }
  assert.deepEqual(splitText('', 'ms'), { number: '', unit: 'ms' });
});

test('typing a number keeps the unit that is chosen', () => {
  assert.equal(typedText('100', 'ms'), '100ms');
  assert.equal(typedText('1,5', 's'), '1.5s');
});

test('typing a unit behind the number takes it over', () => {
  assert.equal(typedText('2s', 'ms'), '2s');
  assert.equal(typedText('10 gbit', 'mbit'), '10 gbit');
});

test('an emptied field is not set', () => {
  assert.equal(typedText('  ', 'ms'), '');
  assert.equal(joinText({ number: '', unit: 's' }), '');
});

test('anything else stays as it was typed, for the check to judge', () => {
  assert.equal(typedText('1x', 'ms'), '1x');
  assert.equal(typedText('-5', 'ms'), '-5ms');
});
