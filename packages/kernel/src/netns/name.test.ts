import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkName, NamespaceNameError } from './name.ts';

test('a file name is a namespace name', () => {
  for (const name of ['a', 'lab-1.east', 'ä'.repeat(127), '...', ' ']) {
    assert.equal(checkName(name), name);
  }
});

test('what is no file name is refused', () => {
  for (const name of ['', '.', '..', 'a/b', '/', 'a\0b', 'x'.repeat(256), 'ä'.repeat(128)]) {
    assert.throws(() => checkName(name), NamespaceNameError);
  }
});
