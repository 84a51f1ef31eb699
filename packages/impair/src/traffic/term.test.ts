import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isNetweirError } from '@netweir/api';
import { formatIpPrefix } from '@netweir/kernel';
import { type Term, termsOf } from './term.ts';

const nobody: ReadonlyMap<string, readonly string[]> = new Map();

/** As text, one line a term. */
function linesOf(terms: readonly Term[]): string[] {
  const prefix = (of: Term['source']): string =>
    of ? formatIpPrefix(of.bytes, of.prefixLength) : '*';
  const ports = (of: Term['sourcePorts']): string => (of ? `:${of.first}-${of.last}` : '');
  return terms.map(
    (term) =>
      `ip${term.family} ${prefix(term.source)}${ports(term.sourcePorts)} > ` +
      `${prefix(term.destination)}${ports(term.destinationPorts)} ${term.protocol ?? '*'}` +
      (term.dscp === undefined ? '' : ` dscp ${term.dscp}`),
  );
}

describe('the terms of a match', () => {
  test('have the other end as destination of what is sent and as source of what is received', () => {
    const match = {
      remote: ['192.0.2.0/24'],
      local: ['10.0.0.1'],
      remotePorts: ['443'],
      protocol: 'tcp' as const,
    };
    assert.deepEqual(linesOf(termsOf(match, nobody, 'egress')), [
      'ip4 10.0.0.1/32 > 192.0.2.0/24:443-443 6',
    ]);
    assert.deepEqual(linesOf(termsOf(match, nobody, 'ingress')), [
      'ip4 192.0.2.0/24:443-443 > 10.0.0.1/32 6',
    ]);
  });

  test('are of both IP versions where the match says nothing of them', () => {
    assert.deepEqual(linesOf(termsOf({ dscp: 46 }, nobody, 'egress')), [
      'ip4 * > * * dscp 46',
      'ip6 * > * * dscp 46',
    ]);
    assert.deepEqual(linesOf(termsOf({ protocol: 'icmp' }, nobody, 'egress')), [
      'ip4 * > * 1',
      'ip6 * > * 58',
    ]);
    assert.deepEqual(linesOf(termsOf({ dscp: 1, family: 6 }, nobody, 'egress')), [
      'ip6 * > * * dscp 1',
    ]);
  });

  test('are of TCP, UDP and SCTP where ports come without a protocol', () => {
    assert.deepEqual(linesOf(termsOf({ localPorts: ['53'], family: 4 }, nobody, 'egress')), [
      'ip4 *:53-53 > * 6',
      'ip4 *:53-53 > * 17',
      'ip4 *:53-53 > * 132',
    ]);
  });

  test('have networks without the bits of a host, and each once', () => {
    const match = { remote: ['10.1.2.3/8', '10.0.0.0/8', '2001:db8::1', '2001:DB8:0::1/128'] };
    assert.deepEqual(linesOf(termsOf(match, nobody, 'egress')), [
      'ip4 * > 10.0.0.0/8 *',
      'ip6 * > 2001:db8::1/128 *',
    ]);
  });

  test('say nothing of an address where it may be any of its IP version', () => {
    const match = {
      remote: ['10.0.0.0/8', '192.0.2.1/0', '2001:db8::1'],
      local: ['::/0', '10.0.0.1'],
    };
    assert.deepEqual(linesOf(termsOf(match, nobody, 'egress')), [
      'ip4 10.0.0.1/32 > * *',
      'ip6 * > 2001:db8::1/128 *',
    ]);
  });

  test('have port ranges that touch or overlap as one', () => {
    const remotePorts = ['8005-8020', '443', '8000-8010', '444', '446'];
    const match = { remotePorts, protocol: 'udp' as const, family: 4 as const };
    assert.deepEqual(linesOf(termsOf(match, nobody, 'egress')), [
      'ip4 * > *:443-444 17',
      'ip4 * > *:446-446 17',
      'ip4 * > *:8000-8020 17',
    ]);
  });

  test('have what a host name stands for, and there are none while it stands for nothing', () => {
    const match = { remote: ['a.example', '192.0.2.1'] };
    const known = new Map([['a.example', ['192.0.2.1', '192.0.2.9', '2001:db8::9']]]);
    assert.deepEqual(linesOf(termsOf(match, known, 'ingress')), [
      'ip4 192.0.2.1/32 > * *',
      'ip4 192.0.2.9/32 > * *',
      'ip6 2001:db8::9/128 > * *',
    ]);
    assert.deepEqual(linesOf(termsOf({ ...match, family: 6 }, known, 'ingress')), [
      'ip6 2001:db8::9/128 > * *',
    ]);
    assert.deepEqual(termsOf({ remote: ['a.example'] }, nobody, 'egress'), []);
  });

  test('are none for an extension header of IPv6, which is never what a packet is', () => {
    assert.deepEqual(linesOf(termsOf({ protocol: 44 }, nobody, 'egress')), ['ip4 * > * 44']);
  });

  test('are 256 at most', () => {
    const remote = Array.from({ length: 257 }, (_, n) => `10.0.${n >> 8}.${n & 0xff}`);
    assert.equal(termsOf({ remote: remote.slice(1) }, nobody, 'egress').length, 256);
    for (const match of [{ remote }, { remote: remote.slice(170), remotePorts: ['1'] }]) {
      assert.throws(
        () => termsOf(match, nobody, 'egress'),
        (error) =>
          isNetweirError(error) &&
          error.code === 'invalid-combination' &&
          /becomes 2\d\d filters/u.test(error.message) &&
          error.remedy !== undefined,
      );
    }
  });
});
