import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { askedIn, withoutRule, withRule } from './asked.ts';
import { describeMatch } from './describe-match.ts';
import type { ImpairmentReport } from './schema.ts';

const NOW_MS = Date.parse('2026-01-01T00:00:00Z');
const delay = { delay: { mean: '10ms' } };
const match = { remote: ['192.0.2.1'] };

function report(part: Partial<ImpairmentReport>): ImpairmentReport {
  return {
    ...{ space: 'host', interface: 'eth0', ifindex: 2, egress: null, ingress: null, rules: [] },
    ...{ egressMechanism: null, ingressMechanism: null, original: null, expiresAt: null },
    ...{ owner: null, persist: false, changedElsewhere: null, guarded: [], provisionalUntil: null },
    ...{ egressCounters: null, ingressCounters: null },
    ...part,
  };
}

const ruleReport = {
  ...{ match, egress: delay, ingress: null, exclude: false },
  ...{ egressCounters: null, ingressCounters: null },
};

describe('what is in force, asked for again', () => {
  test('is the same until the same moment', () => {
    assert.equal(askedIn(report({}), NOW_MS), undefined);
    const asked = askedIn(
      report({
        egress: delay,
        rules: [ruleReport, { ...ruleReport, match: { dscp: 1 }, egress: null, exclude: true }],
        egressMechanism: 'userspace',
        expiresAt: '2026-01-01T00:01:00Z',
      }),
      NOW_MS,
    );
    assert.deepEqual(asked, {
      egress: delay,
      rules: [
        { match, egress: delay },
        { match: { dscp: 1 }, exclude: true },
      ],
      engine: 'userspace',
      for: '60s',
    });
  });

  test('takes one rule more, another in the place of one, and one less', () => {
    const first = { match, egress: delay };
    const one = withRule({ egress: delay }, first);
    assert.deepEqual(one, { egress: delay, rules: [first] });
    const changed = { match, ingress: delay };
    assert.deepEqual(withRule(one, changed).rules, [changed]);
    const two = withRule(one, { match: { dscp: 1 }, exclude: true });
    assert.equal(two.rules?.length, 2);
    assert.deepEqual(withoutRule(two, { dscp: 1 }), one);
    assert.deepEqual(withoutRule(one, match), { egress: delay });
    assert.equal(withoutRule({ rules: [first] }, match), undefined);
  });

  test('is described in the words of the command', () => {
    const all = { ...match, remotePorts: ['443'], protocol: 'tcp', family: 4 } as const;
    assert.equal(describeMatch({ ...all, remotePorts: ['443'] }), 'to 192.0.2.1 port 443 tcp IPv4');
  });
});
