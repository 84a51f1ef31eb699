import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Impairment } from '@netweir/api';
import { type Placed, planInterface, type Wanted } from './plan.ts';

const delay = (mean: string): Impairment => ({ egress: { delay: { mean } } });
const wanted = (rule: string | null, mean = '1ms'): Wanted => ({ rule, impairment: delay(mean) });
const placed = (rule: string | null, inForce = true, mean = '1ms'): Placed => ({
  rule,
  impairment: delay(mean),
  inForce,
});

const CASES: readonly (readonly [string, Placed | undefined, Wanted | undefined, string])[] = [
  ['nothing there, nothing wanted', undefined, undefined, 'keep'],
  ['nothing there, a rule', undefined, wanted('a'), 'apply'],
  ['nothing there, what a person set before a restart', undefined, wanted(null), 'apply'],
  ['a rule, the same rule', placed('a'), wanted('a'), 'keep'],
  ['a rule, the same one changed', placed('a'), wanted('a', '2ms'), 'apply'],
  ['a rule, another', placed('a'), wanted('b'), 'apply'],
  ['a rule, none any more', placed('a'), undefined, 'clear'],
  ['a rule whose lease is over, the same', placed('a', false), wanted('a'), 'keep'],
  ['a rule whose lease is over, changed', placed('a', false), wanted('a', '2ms'), 'apply'],
  ['a rule whose lease is over, none any more', placed('a', false), undefined, 'forget'],
  ['what a person set, a rule', placed(null), wanted('a'), 'keep'],
  ['what a person set, nothing', placed(null), undefined, 'keep'],
  ['what a person set and could not be put on, a rule', placed(null, false), wanted('a'), 'apply'],
];

describe('what brings an interface to what is wanted', () => {
  for (const [what, before, after, step] of CASES) {
    test(`${what}: ${step}`, () => assert.equal(planInterface(before, after), step));
  }
});
