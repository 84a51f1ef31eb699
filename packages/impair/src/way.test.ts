import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrafficRule } from '@netweir/api';
import { type Asked, wayOf } from './way.ts';

const RULES: TrafficRule[] = [
  { match: { remote: ['10.0.0.0/8'] }, egress: { rate: { rate: '1mbit' } } },
  { match: { remote: ['10.1.0.0/16'] }, ingress: { loss: { model: 'random', probability: '1%' } } },
  { match: { remote: ['10.2.0.0/16'] }, exclude: true },
];
const ASKED: Asked = { egress: null, ingress: null, rules: RULES, addresses: {} };

const matches = (asked: Asked, way: 'egress' | 'ingress'): (string | undefined)[] | undefined =>
  wayOf(asked, way)?.rules.map(({ match }) => match.remote?.[0]);

test('each way of a list of rules has its own, the excluded ones in both', () => {
  assert.deepEqual(matches(ASKED, 'egress'), ['10.0.0.0/8', '10.2.0.0/16']);
  assert.deepEqual(matches(ASKED, 'ingress'), ['10.1.0.0/16', '10.2.0.0/16']);
});

test('settings that share a list of rules differ in the rest of what they ask', () => {
  const base = { delay: { mean: '1ms' } };
  const guarded = [{ remote: ['192.0.2.1'] }];
  const others: Asked[] = [
    { ...ASKED, egress: base },
    { ...ASKED, guarded },
    { ...ASKED, addresses: { 'a.example': ['192.0.2.2'] } },
  ];
  const found = others.map((asked) => wayOf(asked, 'egress'));
  assert.deepEqual(
    found.map((wanted) => wanted?.base),
    [base, null, null],
  );
  assert.deepEqual(
    found.map((wanted) => wanted?.rules.length),
    [2, 3, 2],
  );
  assert.deepEqual(found[2]?.addresses, { 'a.example': ['192.0.2.2'] });
});

test('another list of the same length has rules of its own', () => {
  const other = RULES.with(0, { ...RULES[0], match: { remote: ['10.9.0.0/16'] } });
  assert.deepEqual(matches({ ...ASKED, rules: other }, 'egress'), ['10.9.0.0/16', '10.2.0.0/16']);
  assert.deepEqual(matches(ASKED, 'egress'), ['10.0.0.0/8', '10.2.0.0/16']);
});
