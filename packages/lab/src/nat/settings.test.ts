import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NatName } from '@netweir/api';
import { exactNat } from './settings.ts';

const timeouts = (udp: string, udpStream: string, tcpEstablished: string) => ({
  timeouts: { udp, udpStream, tcpEstablished },
});
const independent = 'endpoint-independent';
const dependent = 'endpoint-dependent';
const both = 'address-and-port-dependent';
const usual = timeouts('30s', '300s', '7200s');

describe('A NAT in every detail', () => {
  const wanted: Record<NatName, object> = {
    none: {},
    home: { mapping: independent, filtering: both, ports: 'preserving', hairpin: false, ...usual },
    'full-cone': {
      mapping: independent,
      filtering: independent,
      ports: 'preserving',
      hairpin: true,
      ...usual,
    },
    'address-restricted': {
      mapping: independent,
      filtering: 'address-dependent',
      ports: 'preserving',
      hairpin: false,
      ...usual,
    },
    corporate: {
      mapping: dependent,
      filtering: both,
      ports: 'random',
      hairpin: false,
      ...timeouts('30s', '120s', '3600s'),
    },
    'cloud-nat': {
      mapping: dependent,
      filtering: both,
      ports: 'random',
      hairpin: false,
      ...timeouts('30s', '350s', '3600s'),
    },
    cgnat: { mapping: independent, filtering: both, ports: 'preserving', hairpin: false, ...usual },
    open: {
      mapping: independent,
      filtering: independent,
      ports: 'preserving',
      hairpin: true,
      ...usual,
    },
    moderate: {
      mapping: independent,
      filtering: both,
      ports: 'preserving',
      hairpin: false,
      ...usual,
    },
    strict: { mapping: dependent, filtering: both, ports: 'random', hairpin: false, ...usual },
  };
  for (const name of NatName.options) {
    test(`by the name ${name}`, () => assert.deepEqual(exactNat(name), { name, ...wanted[name] }));
  }

  test('by a configuration has no name, and defaults for what is open', () => {
    assert.deepEqual(exactNat({}), wanted.home);
    assert.deepEqual(
      exactNat({ mapping: dependent, ports: 'preserving', timeouts: { udp: '2s' } }),
      {
        mapping: dependent,
        filtering: both,
        ports: 'preserving',
        hairpin: false,
        ...timeouts('2s', '300s', '7200s'),
      },
    );
  });

  test('may combine everything with everything', () => {
    const nat = exactNat({ mapping: dependent, filtering: 'address-dependent', hairpin: true });
    assert.deepEqual(nat, {
      mapping: dependent,
      filtering: 'address-dependent',
      ports: 'random',
      hairpin: true,
      ...usual,
    });
  });

  test('writes times in seconds', () => {
    const nat = exactNat({ timeouts: { udp: '2000ms', udpStream: '5min', tcpEstablished: '2h' } });
    assert.deepEqual(nat, { ...exactNat({}), ...timeouts('2s', '300s', '7200s') });
  });

  for (const udp of ['500ms', '1500ms', '0s']) {
    test(`refuses a timeout of ${udp}`, () =>
      assert.throws(() => exactNat({ timeouts: { udp } }), {
        code: 'ERR_LAB_NAT_TIMEOUT',
        message: new RegExp(udp),
      }));
  }

  test('refuses what is no NAT', () => {
    // @ts-expect-error: no such name
    assert.throws(() => exactNat('symmetric'), { code: 'invalid-request' });
    // @ts-expect-error: no such member
    assert.throws(() => exactNat({ maping: dependent }), { code: 'invalid-request' });
  });
});
