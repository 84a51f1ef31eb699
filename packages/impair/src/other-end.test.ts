import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrafficRuleReport } from '@netweir/api';
import { mirroredMatch, mirroredRules } from './other-end.ts';

const SLOW = { delay: { mean: '10ms' } };
const MATCH = { remotePorts: ['443'], local: ['10.1.0.0/16'], dscp: 46 };

test('a match is itself again after it was mirrored twice', () => {
  const match = { ...MATCH, remote: ['10.0.0.0/8'] };
  assert.deepEqual(mirroredMatch(match), {
    ...{ local: ['10.0.0.0/8'], remote: ['10.1.0.0/16'], localPorts: ['443'], dscp: 46 },
  });
  assert.deepEqual(mirroredMatch(mirroredMatch(match)), match);
});

test('what one end receives by rules is what the other sends, by addresses where they have names', () => {
  const counters = { ...{ sentBytes: 9, sentPackets: 1 }, droppedPackets: 0 };
  const none = { egress: null, egressCounters: null, ingress: null, ingressCounters: null };
  const rule = { ...none, exclude: false };
  const named = { match: { remote: ['a.example', '10.9.0.0/16'] }, addresses: ['10.8.0.1'] };
  const rules = [
    { ...rule, ...named, ingress: SLOW, ingressCounters: counters },
    { ...rule, match: { remote: ['gone.example'] }, ingress: SLOW },
    { ...rule, match: MATCH, egress: SLOW, egressCounters: counters },
    { ...rule, match: MATCH, exclude: true },
  ] as TrafficRuleReport[];
  assert.deepEqual(mirroredRules(rules), [
    {
      ...rule,
      match: { local: ['10.9.0.0/16', '10.8.0.1'] },
      egress: SLOW,
      egressCounters: counters,
    },
    {
      ...rule,
      match: { remote: ['10.1.0.0/16'], localPorts: ['443'], dscp: 46 },
      exclude: true,
    },
  ]);
});
