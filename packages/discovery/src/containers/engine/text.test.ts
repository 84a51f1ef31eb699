import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitedLabels } from './text.ts';

test('a label that is called like a property of objects is only a label', () => {
  const labels = limitedLabels(JSON.parse('{"__proto__":"x","constructor":"y"}'));
  assert.deepEqual(Object.entries(labels), [
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ]);
});
