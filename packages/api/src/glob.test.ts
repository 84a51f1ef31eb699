import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { matchesGlob } from './glob.ts';

describe('a glob', () => {
  for (const [glob, text] of [
    ['web', 'web'],
    ['*', ''],
    ['web-*', 'web-'],
    ['web-*', 'web-1'],
    ['*-db-*', 'shop-db-1'],
    ['e?h0', 'eth0'],
    ['?', '🦭'],
    ['pod:*', 'pod:shop/cart-0'],
    ['a*b*c', 'a-bb-c-bc'],
    ['*.io/nginx:1.*', 'docker.io/nginx:1.27'],
    ['*', 'two\nlines'],
  ] as const) {
    test(`${glob} means ${JSON.stringify(text)}`, () => assert.ok(matchesGlob(text, glob)));
  }

  for (const [glob, text] of [
    ['web', 'web-1'],
    ['?', ''],
    ['web-?', 'web-'],
    ['web-*', 'my-web-1'],
    ['nginx:1.*', 'nginx:127'],
    ['[ab]*', 'a'],
    ['a*b', 'abc'],
    ['', 'a'],
  ] as const) {
    test(`${glob} does not mean ${JSON.stringify(text)}`, () =>
      assert.ok(!matchesGlob(text, glob)));
  }

  test('with many stars is decided at once', () => {
    assert.ok(!matchesGlob('a'.repeat(10_000), `${'*a'.repeat(100)}*b`));
  });
});
