import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Comparison, Measurement } from '@netweir/api';
import { findings, intervalText, ofWhat, quantityText } from './measured.ts';

const DELAY: Comparison = {
  heading: 'forward',
  by: 'udp',
  quantity: 'delay',
  unit: 'ms',
  set: 100,
  achieved: 100.213,
  low: 100.1,
  high: 100.3,
  allowance: 0.5,
  samples: 500,
  verdict: 'as set',
  hints: [],
};

test('values are told with their units, and what did not come as none', () => {
  assert.equal(quantityText(100, 'ms'), '100 ms');
  assert.equal(quantityText(100.213, 'ms'), '100.2 ms');
  assert.equal(quantityText(1.03491, '%'), '1.03%');
  assert.equal(quantityText(9_800_000, 'bit/s'), '9.80 Mbit/s');
  assert.equal(quantityText(null, 'ms'), 'none');
});

test('an interval has two ends or is not told', () => {
  assert.equal(intervalText({ ...DELAY, low: 9.9, high: 10.1 }), '9.9 – 10.1 ms');
  assert.equal(intervalText({ ...DELAY, unit: '%', low: 0, high: 0.6591 }), '0 – 0.659%');
  const rate = { ...DELAY, unit: 'bit/s', low: 980_000, high: 1_020_000 } as const;
  assert.equal(intervalText(rate), '980 kbit/s – 1.02 Mbit/s');
  assert.equal(intervalText({ ...DELAY, low: null }), undefined);
});

test('says of which packets a comparison is', () => {
  assert.equal(ofWhat(DELAY), 'on the way there, by UDP');
  assert.equal(ofWhat({ ...DELAY, heading: 'round-trip', by: 'tcp' }), 'there and back, by TCP');
});

test('what was found is told where it was measured', () => {
  const delay = { samples: 9, minMs: 1, medianMs: 2, meanMs: 2, p99Ms: 3, maxMs: 3, jitterMs: 1 };
  const one = { sent: 10, received: 9, delay };
  const roundTrip = { udp: null, icmp: one, tcp: null };
  assert.deepEqual(findings({ roundTrip, forward: null, backward: null } as Measurement), [
    'round trip 2.00 ms (median)',
    '10 packets sent, 9 came back',
  ]);
});
