import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isNetweirError } from '../errors/netweir-error.ts';
import { validate } from '../errors/validate.ts';
import { Impairment, TrafficRule } from './schema.ts';
import { familiesOf, isHostName, parsePorts, TrafficMatch } from './traffic.ts';

function refusal(
  schema: typeof TrafficMatch | typeof TrafficRule | typeof Impairment,
  value: unknown,
): string {
  try {
    validate(schema, value, 'it');
  } catch (error) {
    if (isNetweirError(error)) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('matches', () => {
  const accepted: unknown[] = [
    { remote: ['192.0.2.0/24', '2001:db8::/32', '198.51.100.7', 'api.example.com'] },
    { remote: ['localhost'], protocol: 'icmp' },
    { remotePorts: ['443', '8000-8010'], protocol: 'tcp' },
    { localPorts: ['53'], protocol: 17, family: 6 },
    { dscp: 46 },
    { protocol: 89 },
  ];
  for (const match of accepted) {
    test(`${JSON.stringify(match)} is one`, () => {
      assert.deepEqual(validate(TrafficMatch, match, 'it'), match);
    });
  }

  const refused: [unknown, RegExp][] = [
    [{}, /at least one condition/],
    [{ remote: [] }, /./],
    [{ remote: ['192.0.2.0/33'] }, /no address, no network and no host name/],
    [{ remote: ['1.2.3'] }, /no address, no network and no host name/],
    [{ local: ['example.com'] }, /no address/],
    [{ remotePorts: ['70000'] }, /no port/],
    [{ remotePorts: ['10-9'] }, /no port/],
    [{ remotePorts: ['80'], protocol: 'icmp' }, /ports are of/],
    [{ remotePorts: ['80'], protocol: 89 }, /ports are of/],
    [{ remote: ['192.0.2.1'], local: ['2001:db8::1'] }, /no IP version in common/],
    [{ remote: ['192.0.2.1'], family: 6 }, /no IP version in common/],
    [{ dscp: 64 }, /./],
    [{ protocol: 'gre' }, /./],
  ];
  for (const [match, message] of refused) {
    test(`${JSON.stringify(match)} is refused`, () => {
      assert.match(refusal(TrafficMatch, match), message);
    });
  }

  test('know which IP versions their packets can have', () => {
    assert.deepEqual(familiesOf({}), [4, 6]);
    assert.deepEqual(familiesOf({ remote: ['192.0.2.1'] }), [4]);
    assert.deepEqual(familiesOf({ remote: ['192.0.2.1', '::1'], local: ['fe80::/10'] }), [6]);
    assert.deepEqual(familiesOf({ remote: ['example.com'] }), [4, 6]);
  });

  test('tell names from addresses and read ports', () => {
    assert.deepEqual(['a.b', '10.0.0.1', '::1', 'x-1.'].map(isHostName), [
      true,
      false,
      false,
      true,
    ]);
    assert.deepEqual(parsePorts('0-65535'), { first: 0, last: 65_535 });
    assert.equal(parsePorts('65536'), undefined);
  });
});

describe('rules', () => {
  const match = { remote: ['192.0.2.1'] };
  const delay = { delay: { mean: '10ms' } };

  test('impair what they match in either direction, or exclude it', () => {
    for (const rule of [
      { match, egress: delay },
      { match, ingress: delay },
      { match, exclude: true },
    ]) {
      assert.deepEqual(validate(TrafficRule, rule, 'it'), rule);
    }
    assert.match(refusal(TrafficRule, { match }), /exclude alone/);
    assert.match(refusal(TrafficRule, { match, egress: delay, exclude: true }), /exclude alone/);
  });

  test('are enough for an impairment, but not those that exclude', () => {
    validate(Impairment, { rules: [{ match, egress: delay }] }, 'it');
    assert.match(
      refusal(Impairment, { rules: [{ match, exclude: true }] }),
      /give egress, ingress/,
    );
  });

  test('of one impairment differ in what they match', () => {
    const twice = [
      { match, egress: delay },
      { match, exclude: true },
    ];
    assert.match(refusal(Impairment, { rules: twice }), /same match/);
  });
});
