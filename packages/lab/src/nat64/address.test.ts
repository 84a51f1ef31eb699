import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ipv4OfNat64, nat64Address } from './address.ts';

test('an IPv4 address has an address of the well-known prefix, and back', () => {
  assert.equal(nat64Address('192.0.2.33'), '64:ff9b::c000:221');
  assert.equal(ipv4OfNat64('64:ff9b::192.0.2.33'), '192.0.2.33');
  for (const address of ['0.0.0.0', '198.18.0.10', '255.255.255.255']) {
    assert.equal(ipv4OfNat64(nat64Address(address)), address);
  }
});

test('what is of another prefix has no IPv4 address', () => {
  for (const address of ['::1', '64:ff9c::1', '64:ff9b:1::1', '192.0.2.33']) {
    assert.equal(ipv4OfNat64(address), undefined);
  }
});

test('what is no IPv4 address has none of the prefix', () => {
  assert.throws(() => nat64Address('::1'), RangeError);
  assert.throws(() => nat64Address('server'), { code: 'ERR_INVALID_IP_ADDRESS' });
});
