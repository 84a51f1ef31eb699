import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseFrom, parseTo } from './measure-end.ts';

describe('an end of a measurement', () => {
  const ends: [string, unknown][] = [
    ['docker:web', { space: 'docker:web' }],
    ['netns:server/eth0', { space: 'netns:server', interface: 'eth0' }],
    ['pod:shop/cart-0/eth0', { space: 'pod:shop/cart-0', interface: 'eth0' }],
    ['host', { space: 'host' }],
    ['host/eth0', { space: 'host', interface: 'eth0' }],
    ['pid:4711', { space: 'pid:4711' }],
    ['192.0.2.7', { host: '192.0.2.7' }],
    ['192.0.2.7:443', { host: '192.0.2.7', port: 443 }],
    ['2001:db8::1', { host: '2001:db8::1' }],
    ['[2001:db8::1]:443', { host: '2001:db8::1', port: 443 }],
    ['[2001:db8::1]', { host: '2001:db8::1' }],
    ['example.org', { host: 'example.org' }],
    ['example.org:8080', { host: 'example.org', port: 8080 }],
    ['localhost:80', { host: 'localhost', port: 80 }],
  ];
  for (const [text, expected] of ends) {
    test(`${text} is ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(parseTo(text), expected);
    });
  }

  for (const text of [
    '',
    'a b',
    'example.org:0',
    'example.org:70000',
    '[nobody]:80',
    'x/y',
    'docker:',
  ]) {
    test(`${JSON.stringify(text)} is refused`, () => {
      assert.throws(() => parseTo(text), { code: 'invalid-target' });
    });
  }

  test('is not a pattern', () => {
    assert.throws(() => parseTo('docker:web-*'), /pattern/u);
    assert.throws(() => parseFrom('docker:web/eth*'), /pattern/u);
  });

  test('from which packets start is a space, or an interface of the host without its space', () => {
    assert.deepEqual(parseFrom('eth0'), { space: 'host', interface: 'eth0' });
    assert.deepEqual(parseFrom('docker:web'), { space: 'docker:web' });
  });
});
