import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Impairment, type ImpairmentReport } from '@netweir/api';
import { askedAgain, extended, formerOf, timeLeft } from './former.ts';
import { CLEAR } from './report.test-helper.ts';

const NOON_MS = Date.parse('2026-11-22T12:00:00Z');
const ENDS = '2026-11-22T12:04:59.500Z';
const DELAY = { delay: { mean: '100ms' } };
const NO_COUNTERS = { egressCounters: null, ingressCounters: null };
const IMPAIRED: ImpairmentReport = {
  ...CLEAR,
  egress: DELAY,
  egressMechanism: 'netem',
  rules: [
    { match: { dscp: 46 }, egress: null, ingress: DELAY, exclude: false, ...NO_COUNTERS },
    { match: { localPorts: ['22'] }, egress: null, ingress: null, exclude: true, ...NO_COUNTERS },
  ],
  persist: true,
};

describe('what was before a change', () => {
  test('is asked for again with its rules in their order', () => {
    const { impairment } = formerOf(IMPAIRED);
    assert.deepEqual(Impairment.parse(impairment), {
      egress: DELAY,
      rules: [
        { match: { dscp: 46 }, ingress: DELAY },
        { match: { localPorts: ['22'] }, exclude: true },
      ],
      persist: true,
    });
  });

  test('was done by the engine that did it all', () => {
    const own = { ...CLEAR, egress: DELAY, egressMechanism: 'userspace' } as const;
    assert.equal(formerOf(own).impairment?.engine, 'userspace');
    const mixed = { ...own, ingress: DELAY, ingressMechanism: 'netem' } as const;
    assert.equal(formerOf(mixed).impairment?.engine, undefined);
  });

  test('is to clear where there was nothing, or its time is over', () => {
    assert.equal(askedAgain(formerOf(CLEAR), NOON_MS), null);
    const leased = formerOf({ ...IMPAIRED, expiresAt: ENDS });
    assert.equal(askedAgain(leased, NOON_MS)?.for, '300s');
    assert.equal(askedAgain(leased, NOON_MS + 3_600_000), null);
    const provisional = formerOf({ ...IMPAIRED, expiresAt: ENDS, provisionalUntil: ENDS });
    assert.equal(askedAgain(provisional, NOON_MS)?.for, undefined);
  });
});

test('a time is prolonged by what is asked, from what is left or from now', () => {
  assert.equal(timeLeft(ENDS, NOON_MS), '300s');
  assert.equal(timeLeft(ENDS, NOON_MS + 300_000), undefined);
  assert.equal(extended(ENDS, NOON_MS, 300_000), '600s');
  assert.equal(extended(ENDS, NOON_MS + 900_000, 300_000), '300s');
  assert.equal(extended(null, NOON_MS, 300_000), '300s');
});
