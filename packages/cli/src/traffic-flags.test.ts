import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isNetweirError } from '@netweir/api';
import { matchOf } from './traffic-flags.ts';
import type { TrafficFlags } from './traffic-options.ts';

function refusal(flags: TrafficFlags): string {
  try {
    matchOf(flags);
  } catch (error) {
    if (isNetweirError(error)) return error.message;
    throw error;
  }
  return assert.fail('nothing was refused');
}

describe('the part of the traffic that flags name', () => {
  const read: [TrafficFlags, object | undefined][] = [
    [{}, undefined],
    [{ to: '192.0.2.7' }, { remote: ['192.0.2.7'] }],
    [{ to: '192.0.2.7:443' }, { remote: ['192.0.2.7'], remotePorts: ['443'] }],
    [{ to: '[2001:db8::7]:8000-8010' }, { remote: ['2001:db8::7'], remotePorts: ['8000-8010'] }],
    [{ to: '2001:db8::/32, api.example' }, { remote: ['2001:db8::/32', 'api.example'] }],
    [
      { port: '80,443', protocol: 'TCP' },
      { remotePorts: ['80', '443'], protocol: 'tcp' },
    ],
    [
      { protocol: '89', ip: '4' },
      { protocol: 89, family: 4 },
    ],
    [
      { dscp: '46', local: '10.0.0.1' },
      { local: ['10.0.0.1'], dscp: 46 },
    ],
  ];
  for (const [flags, match] of read) {
    test(JSON.stringify(flags), () => {
      assert.deepEqual(matchOf(flags), match);
    });
  }

  test('has a port behind one address only, and a protocol that there is', () => {
    assert.match(refusal({ to: '192.0.2.7:443,192.0.2.8' }), /one address/);
    assert.match(refusal({ to: '192.0.2.7:443', port: '80' }), /one address/);
    assert.match(refusal({ protocol: 'gre' }), /protocol/);
    assert.match(refusal({ dscp: 'ef' }), /whole number/);
    assert.match(refusal({ to: '192.0.2.300' }), /no address/);
  });
});
