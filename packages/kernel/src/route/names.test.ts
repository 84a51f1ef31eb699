import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { assertInterfaceName } from './interface-name.ts';
import { formatMacAddress, parseMacAddress } from './mac-address.ts';

describe('Interface names', () => {
  for (const name of ['a', 'eth0', 'eth0.100', 'br-0123456789ab', 'straße', '...']) {
    test(`${JSON.stringify(name)} is accepted`, () => {
      assert.doesNotThrow(() => assertInterfaceName(name));
    });
  }

  const refused = [
    '',
    '.',
    '..',
    'a/b',
    'a b',
    'a:1',
    'tap%d',
    'a\tb',
    'a\0b',
    'sixteen-bytes-xx',
    'ééééééééx',
    'à',
  ];
  for (const name of refused) {
    test(`${JSON.stringify(name)} is refused`, () => {
      assert.throws(() => assertInterfaceName(name), {
        code: 'ERR_INVALID_INTERFACE_NAME',
        value: name,
      });
    });
  }
});

describe('Ethernet addresses', () => {
  test('every address survives being written and read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (bytes) => {
        assert.deepEqual(parseMacAddress(formatMacAddress(bytes)), bytes);
      }),
    );
  });

  for (const text of [
    '',
    '02:00:00:00:00',
    '2:0:0:0:0:1',
    '02-00-00-00-00-01',
    '02:00:00:00:00:0g',
  ]) {
    test(`${JSON.stringify(text)} is refused`, () => {
      assert.throws(() => parseMacAddress(text), { code: 'ERR_INVALID_MAC_ADDRESS' });
    });
  }
});
