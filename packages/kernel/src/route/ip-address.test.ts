import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { InvalidValueError } from './invalid-value-error.ts';
import { formatIpAddress, parseIpAddress } from './ip-address.ts';
import { broadcastOf, formatIpPrefix, networkOf, parseIpPrefix } from './ip-prefix.ts';

const ipv4Bytes = fc.uint8Array({ minLength: 4, maxLength: 4 });
/** Often with runs of zeros, which is where IPv6 text gets difficult. */
const ipv6Bytes = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), {
    minLength: 8,
    maxLength: 8,
  })
  .map((groups) => Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff])));

describe('IP address text', () => {
  test('every address survives being written and read', () => {
    fc.assert(
      fc.property(fc.oneof(ipv4Bytes, ipv6Bytes), (bytes) => {
        assert.deepEqual(parseIpAddress(formatIpAddress(bytes)).bytes, bytes);
      }),
    );
  });

  test('every IPv6 text is written as the URL standard writes it, but for IPv4-mapped ones', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV6(), ipv6Bytes.map(formatIpAddress)), (text) => {
        const written = formatIpAddress(parseIpAddress(text).bytes);
        fc.pre(!written.startsWith('::ffff:'));
        assert.equal(`[${written}]`, new URL(`http://[${text}]`).hostname);
      }),
    );
  });

  test('an IPv4-mapped address is written with a dotted tail and read in both forms', () => {
    const { bytes } = parseIpAddress('::ffff:10.0.0.1');
    assert.equal(formatIpAddress(bytes), '::ffff:10.0.0.1');
    assert.deepEqual(parseIpAddress('::FFFF:a00:1').bytes, bytes);
  });

  test('RFC 5952: a lone zero group stays, and of equal runs the first is shortened', () => {
    const rewrite = (text: string) => formatIpAddress(parseIpAddress(text).bytes);
    assert.equal(rewrite('2001:db8:0:1:1:1:1:1'), '2001:db8:0:1:1:1:1:1');
    assert.equal(rewrite('2001:0db8:0:0:1:0:0:1'), '2001:db8::1:0:0:1');
    assert.equal(rewrite('0:0:0:0:0:0:0:0'), '::');
    assert.equal(rewrite('2001:DB8:0:0:0:0:0:0'), '2001:db8::');
  });

  for (const text of [
    '',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4/24',
    'fe80::1%eth0',
    '1::2::3',
  ]) {
    test(`${JSON.stringify(text)} is no address`, () => {
      assert.throws(() => parseIpAddress(text), { code: 'ERR_INVALID_IP_ADDRESS', value: text });
    });
  }

  test('any text gives an address or an InvalidValueError', () => {
    const parsers = [parseIpAddress, parseIpPrefix];
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(...parsers), (text, parse) => {
        try {
          assert.ok(parse(text).bytes.length > 0);
        } catch (error) {
          assert.ok(error instanceof InvalidValueError);
        }
      }),
    );
  });
});

describe('IP prefixes', () => {
  test('every prefix survives being written and read', () => {
    fc.assert(
      fc.property(fc.oneof(ipv4Bytes, ipv6Bytes), fc.nat(32), (bytes, prefixLength) => {
        const prefix = parseIpPrefix(formatIpPrefix(bytes, prefixLength));
        assert.deepEqual(
          { bytes: prefix.bytes, length: prefix.prefixLength },
          { bytes, length: prefixLength },
        );
      }),
    );
  });

  test('the network of a prefix has its host bits cleared', () => {
    const network = (text: string) => formatIpAddress(networkOf(parseIpPrefix(text)));
    assert.equal(network('10.1.2.3/16'), '10.1.0.0');
    assert.equal(network('10.1.2.3/9'), '10.0.0.0');
    assert.equal(network('10.1.2.3/0'), '0.0.0.0');
    assert.equal(network('10.1.2.3'), '10.1.2.3');
    assert.equal(network('2001:db8:ffff::1/33'), '2001:db8:8000::');
  });

  test('the broadcast address has the host bits set, and /31, /32 and IPv6 have none', () => {
    const broadcast = (text: string) => {
      const bytes = broadcastOf(parseIpPrefix(text));
      return bytes && formatIpAddress(bytes);
    };
    assert.equal(broadcast('10.1.2.3/24'), '10.1.2.255');
    assert.equal(broadcast('10.1.2.3/20'), '10.1.15.255');
    assert.equal(broadcast('10.1.2.3/31'), undefined);
    assert.equal(broadcast('2001:db8::/64'), undefined);
  });

  test('a prefix longer than the address is refused', () => {
    assert.throws(() => parseIpPrefix('10.0.0.1/33'), { code: 'ERR_INVALID_IP_ADDRESS' });
    assert.throws(() => parseIpPrefix('10.0.0.1/'), { code: 'ERR_INVALID_IP_ADDRESS' });
  });
});
