import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Direction, TrafficRule } from '@netweir/api';
import { EMPTY_DRAFT } from './draft.ts';
import {
  checkRules,
  effectSummary,
  newRule,
  type RuleDraft,
  ruleDraftOf,
  sameRules,
  withMoved,
} from './rule-draft.ts';

const DELAY: Direction = { delay: { mean: '100ms' } };
const WEB: TrafficRule = { match: { remotePorts: ['443'], protocol: 'tcp' }, egress: DELAY };
const SSH: TrafficRule = { match: { localPorts: ['22'] }, exclude: true };

function problemOf(...rules: RuleDraft[]): string {
  return checkRules(rules).at(-1)?.problem ?? '';
}

describe('the rules in the editor', () => {
  test('ask for those that they show', () => {
    const asked = checkRules([WEB, SSH].map(ruleDraftOf)).map(({ rule }) => rule);
    assert.deepEqual(asked, [WEB, SSH]);
  });

  test('keep a direction that does nothing apart from one that says nothing', () => {
    const rule: TrafficRule = { match: { dscp: 46 }, egress: {}, ingress: DELAY };
    const [checked] = checkRules([ruleDraftOf(rule)]);
    assert.deepEqual(checked?.rule?.egress, { delay: { mean: '0ms' } });
    const [other] = checkRules([ruleDraftOf({ ...rule, egress: null })]);
    assert.equal(other?.rule?.egress, undefined);
  });

  test('need a match, and something to do', () => {
    assert.match(problemOf(newRule()), /match/u);
    const idle = { ...ruleDraftOf(WEB), ways: { egress: EMPTY_DRAFT, ingress: EMPTY_DRAFT } };
    assert.match(problemOf(idle), /one of its directions/u);
    const { rule } = checkRules([{ ...idle, exclude: true }])[0] ?? {};
    assert.deepEqual(rule, { match: WEB.match, exclude: true });
  });

  test('point to the direction whose field is wrong', () => {
    const wrong = { ...EMPTY_DRAFT, 'delay.mean': '-5ms' };
    const draft = ruleDraftOf(WEB);
    assert.match(
      problemOf({ ...draft, ways: { ...draft.ways, ingress: wrong } }),
      /under Receives/u,
    );
  });

  test('of two with the same match, the second is wrong', () => {
    const [first, second] = checkRules([ruleDraftOf(WEB), ruleDraftOf({ ...WEB, exclude: true })]);
    assert.ok(first?.rule);
    assert.equal(second?.rule, undefined);
    assert.match(second?.problem ?? '', /same match/u);
  });

  test('move by one place, and not beyond the ends', () => {
    const rules = [WEB, SSH].map(ruleDraftOf);
    const [web, ssh] = rules;
    assert.ok(web && ssh);
    assert.deepEqual(withMoved(rules, ssh.id, -1), [ssh, web]);
    assert.deepEqual(withMoved(rules, web.id, 1), [ssh, web]);
    assert.deepEqual(withMoved(rules, web.id, -1), rules);
    assert.deepEqual(withMoved(rules, ssh.id, 1), rules);
  });

  test('are the same if what they hold is', () => {
    assert.ok(sameRules([ruleDraftOf(WEB)], [ruleDraftOf(WEB)]));
    assert.ok(!sameRules([ruleDraftOf(WEB)], [ruleDraftOf(SSH)]));
  });
});

test('what a rule does is told in one line', () => {
  assert.equal(effectSummary(WEB), 'sends: delay 100ms');
  assert.equal(
    effectSummary({ egress: DELAY, ingress: {} }),
    'sends: delay 100ms · receives: untouched',
  );
  assert.equal(effectSummary(SSH), 'passes untouched');
});
