import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countersText } from './counters.ts';

const COUNTERS = {
  sentBytes: 1,
  sentPackets: 1234,
  droppedPackets: 5,
  queuedPackets: 6,
  queuedBytes: 7,
};

test('the counters of a rule are told for the directions that have some', () => {
  const text = countersText({ egressCounters: COUNTERS, ingressCounters: COUNTERS });
  assert.equal(
    text.replaceAll('\u00a0', ' '),
    '1,234 packets sent · 5 dropped · 1,234 packets delivered · 5 dropped',
  );
  assert.equal(countersText({ egressCounters: null, ingressCounters: null }), '');
});
