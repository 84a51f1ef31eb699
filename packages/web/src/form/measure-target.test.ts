import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Space } from '@netweir/api';
import { measureTarget } from './measure-target.ts';

const spaces = ['host', 'netns:a', 'pod:shop/cart-0'].map((id) => ({ id }) as Space);

test('what is measured to is a space, an interface of one, or any host', () => {
  const to = (text: string) => measureTarget(text, spaces);
  assert.deepEqual(to(' netns:a '), { space: 'netns:a' });
  assert.deepEqual(to('pod:shop/cart-0'), { space: 'pod:shop/cart-0' });
  assert.deepEqual(to('pod:shop/cart-0/eth0'), { space: 'pod:shop/cart-0', interface: 'eth0' });
  assert.deepEqual(to('192.0.2.7'), { host: '192.0.2.7' });
  assert.deepEqual(to('example.org:443'), { host: 'example.org', port: 443 });
  assert.deepEqual(to('2001:db8::1'), { host: '2001:db8::1' });
  assert.deepEqual(to('[2001:db8::1]:443'), { host: '2001:db8::1', port: 443 });
  assert.deepEqual(to('[2001:db8::1]'), { host: '2001:db8::1' });
  assert.equal(to(''), undefined);
  assert.equal(to('docker:no such'), undefined);
  assert.equal(to('example.org:70000'), undefined);
});
