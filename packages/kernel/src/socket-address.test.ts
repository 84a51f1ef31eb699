import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIpAddress } from './route/ip-address.ts';
import { encodeSocketAddress } from './socket-address.ts';

const hex = (address: string, port: number): string =>
  Buffer.from(encodeSocketAddress(parseIpAddress(address), port)).toString('hex');

test('a socket address has its port in network order and its family in the host order', () => {
  assert.equal(hex('10.1.2.3', 80), '020000500a0102030000000000000000');
  assert.equal(
    hex('2001:db8::1', 8080),
    '0a001f900000000020010db800000000000000000000000100000000',
  );
});
