import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Direction, Impairment, TrafficRule } from '@netweir/api';
import { checkDraft } from './check.ts';
import { type Draft, draftOf, EMPTY_DRAFT } from './draft.ts';
import { NO_LEASE } from './lease.ts';
import { checkRules, newRule, ruleDraftOf } from './rule-draft.ts';
import { type Form, statementOf, wantedFrom } from './wanted.ts';

const DELAY: Direction = { delay: { mean: '100ms' } };
const LOSS: Direction = { loss: { model: 'random', probability: '1%' } };
const HOST = { netem: true, tbf: true, ifb: false, userspace: true };
const RULE: TrafficRule = { match: { remotePorts: ['443'] }, ingress: LOSS };
const EXCLUSION: TrafficRule = { match: { localPorts: ['22'] }, exclude: true };
const NOTHING = { egress: null, ingress: null };

function form(egress: Draft, ingress: Draft, more: Partial<Form> = {}): Form {
  return {
    checked: { egress: checkDraft(egress), ingress: checkDraft(ingress) },
    rules: [],
    engine: 'auto',
    lease: NO_LEASE,
    persist: false,
    guard: 'auto',
    host: HOST,
    ...more,
  };
}

function impairmentOf(one: Form): Impairment {
  const wanted = wantedFrom(one);
  assert.ok(wanted.ok, 'Apply is closed');
  return wanted.impairment;
}

function reasonOf(one: Form): string {
  const wanted = wantedFrom(one);
  assert.ok(!wanted.ok, 'Apply is open');
  return wanted.reason;
}

describe('what Apply sends', () => {
  test('holds both directions', () => {
    const both = form(draftOf(DELAY), draftOf(LOSS));
    assert.deepEqual(impairmentOf(both), { egress: DELAY, ingress: LOSS });
  });

  test('leaves out a direction that is untouched', () => {
    assert.deepEqual(impairmentOf(form(draftOf(DELAY), EMPTY_DRAFT)), { egress: DELAY });
    assert.deepEqual(impairmentOf(form(EMPTY_DRAFT, draftOf(LOSS))), { ingress: LOSS });
    const idle = draftOf({ delay: { mean: '0ms' } });
    assert.deepEqual(impairmentOf(form(idle, draftOf(LOSS))), { ingress: LOSS });
  });

  test('names an engine only where one was chosen, and a time where there is one', () => {
    const draft = draftOf(DELAY);
    assert.deepEqual(impairmentOf(form(draft, EMPTY_DRAFT, { engine: 'userspace' })), {
      egress: DELAY,
      engine: 'userspace',
    });
    const lease = { choice: '5m', custom: '' };
    assert.deepEqual(impairmentOf(form(draft, EMPTY_DRAFT, { lease })), {
      egress: DELAY,
      for: '5m',
    });
  });

  test('holds the rules in their order, and whether it stays', () => {
    const rules = checkRules([RULE, EXCLUSION].map(ruleDraftOf));
    assert.deepEqual(impairmentOf(form(EMPTY_DRAFT, EMPTY_DRAFT, { rules, persist: true })), {
      rules: [RULE, EXCLUSION],
      persist: true,
    });
  });

  test('is nothing while a rule is wrong, or all of them are exceptions of nothing', () => {
    const wrong = { rules: checkRules([newRule()]) };
    assert.match(reasonOf(form(draftOf(DELAY), EMPTY_DRAFT, wrong)), /^Rule 1: The match/u);
    const rules = checkRules([ruleDraftOf(EXCLUSION)]);
    assert.match(reasonOf(form(EMPTY_DRAFT, EMPTY_DRAFT, { rules })), /exceptions/u);
    const exception = form(draftOf(DELAY), EMPTY_DRAFT, { rules });
    assert.deepEqual(impairmentOf(exception), { egress: DELAY, rules: [EXCLUSION] });
  });

  test('is nothing while both directions are empty', () => {
    assert.match(reasonOf(form(EMPTY_DRAFT, EMPTY_DRAFT)), /Set a value/u);
  });

  test('is nothing while a field is wrong, also in the direction that is not shown', () => {
    const wrong = { ...EMPTY_DRAFT, 'delay.mean': '-5ms' };
    assert.match(reasonOf(form(draftOf(DELAY), wrong)), /under Receives/u);
    assert.match(reasonOf(form(wrong, draftOf(LOSS))), /under Sends/u);
  });

  test('is nothing while the time is wrong', () => {
    const lease = { choice: 'custom', custom: '5' };
    assert.match(reasonOf(form(draftOf(DELAY), EMPTY_DRAFT, { lease })), /time/u);
  });

  test('names a guard only where it is another one', () => {
    assert.deepEqual(impairmentOf(form(draftOf(DELAY), EMPTY_DRAFT, { guard: 'off' })), {
      egress: DELAY,
      guard: 'off',
    });
  });

  test('is nothing while the chosen engine cannot do it', () => {
    const both = form(draftOf(DELAY), draftOf(LOSS), { engine: 'kernel' });
    assert.match(reasonOf(both), /cannot do here what is set under Receives/u);
    const host = { ...HOST, netem: false };
    const delayed = form(draftOf(DELAY), EMPTY_DRAFT, { engine: 'kernel', host });
    assert.match(reasonOf(delayed), /under Sends/u);
  });
});

describe('the statement of what will be applied', () => {
  test('names each direction, and leaves out the one that stays as it is', () => {
    assert.deepEqual(statementOf({ egress: DELAY, ingress: LOSS }, NOTHING), [
      'sends: delay 100ms',
      'receives: loss 1%',
    ]);
    assert.deepEqual(statementOf({ ingress: LOSS }, NOTHING), ['receives: loss 1%']);
  });

  test('says that a direction in force ends when its fields are empty', () => {
    assert.deepEqual(statementOf({ egress: DELAY }, { egress: DELAY, ingress: LOSS }), [
      'sends: delay 100ms',
      'receives: as before netweir',
    ]);
  });

  test('counts the rules, and names what else was chosen', () => {
    const rules = [RULE, EXCLUSION];
    assert.deepEqual(
      statementOf({ egress: DELAY, rules, engine: 'kernel', for: '5m', persist: true }, NOTHING),
      ['sends: delay 100ms', '2 rules', 'engine: kernel', 'for 5m', 'persistent'],
    );
  });
});
