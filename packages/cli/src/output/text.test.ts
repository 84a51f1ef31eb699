import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printable } from './text.ts';

test('control and direction characters are shown, not obeyed', () => {
  assert.equal(printable('a\u001b[31mb\u0007\u202ec'), 'a\\u{001b}[31mb\\u{0007}\\u{202e}c');
});

test('line breaks and letters of any language stay', () => {
  assert.equal(printable('zwei\nZeilen: größer µs 日本'), 'zwei\nZeilen: größer µs 日本');
});
