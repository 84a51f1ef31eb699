import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { icmpErrorToIpv4, icmpErrorToIpv6 } from './icmp-types.ts';

/** `type/code`, with the value where there is one. */
type Words = string;
const parse = (words: Words) => {
  const [type = 0, code = 0, value = 0] = words.split('/').map(Number);
  return { type, code, value };
};
const said = (error: ReturnType<typeof icmpErrorToIpv4>): Words =>
  error ? `${error.type}/${error.code}${error.value ? `/${error.value}` : ''}` : 'nothing';

describe('ICMP errors as RFC 7915 says', () => {
  const toIpv6: Record<Words, Words> = {
    ...{ '3/0': '1/0', '3/1': '1/0', '3/2': '4/1/6', '3/3': '1/4', '3/5': '1/0', '3/6': '1/0' },
    ...{ '3/7': '1/0', '3/8': '1/0', '3/9': '1/1', '3/10': '1/1', '3/11': '1/0', '3/12': '1/0' },
    ...{ '3/13': '1/1', '3/14': 'nothing', '3/15': '1/1', '3/16': 'nothing' },
    ...{ '3/4/1400': '2/0/1420', '3/4/500': '2/0/1280', '3/4/1492': '2/0/1512' },
    ...{ '11/0': '3/0', '11/1': '3/1' },
    ...{ '12/0/0': '4/0', '12/0/2': '4/0/4', '12/0/8': '4/0/7', '12/0/9': '4/0/6' },
    ...{ '12/0/14': '4/0/8', '12/0/16': '4/0/24', '12/0/10': 'nothing', '12/1/0': 'nothing' },
    ...{ '12/2/9': '4/0/6', '4/0': 'nothing', '5/0': 'nothing', '13/0': 'nothing' },
  };
  for (const [given, wanted] of Object.entries(toIpv6)) {
    test(`IPv4 ${given} is IPv6 ${wanted}`, () => {
      assert.equal(said(icmpErrorToIpv6(parse(given), 1500)), wanted);
    });
  }

  test('of a router that says no MTU have the next common one (RFC 1191)', () => {
    assert.equal(said(icmpErrorToIpv6(parse('3/4'), 1500)), '2/0/1512');
    assert.equal(said(icmpErrorToIpv6(parse('3/4'), 1492)), '2/0/1280');
    assert.equal(said(icmpErrorToIpv6(parse('3/4'), 60)), '2/0/1280');
  });

  const toIpv4: Record<Words, Words> = {
    ...{ '1/0': '3/1', '1/1': '3/10', '1/2': '3/1', '1/3': '3/1', '1/4': '3/3' },
    ...{ '1/5': 'nothing', '2/0/1500': '3/4/1480', '3/0': '11/0', '3/1': '11/1' },
    ...{ '4/0/0': '12/0', '4/0/1': '12/0/1', '4/0/4': '12/0/2', '4/0/6': '12/0/9' },
    ...{ '4/0/7': '12/0/8', '4/0/10': '12/0/12', '4/0/30': '12/0/16', '4/0/2': 'nothing' },
    ...{ '4/0/44': 'nothing', '4/1/6': '3/2', '4/2/0': 'nothing', '130/0': 'nothing' },
  };
  for (const [given, wanted] of Object.entries(toIpv4)) {
    test(`IPv6 ${given} is IPv4 ${wanted}`, () => {
      assert.equal(said(icmpErrorToIpv4(parse(given))), wanted);
    });
  }
});
