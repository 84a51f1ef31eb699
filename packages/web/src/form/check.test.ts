import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Direction } from '@netweir/api';
import { checkDraft, type FieldErrors } from './check.ts';
import {
  type Draft,
  directionFrom,
  draftOf,
  EMPTY_DRAFT,
  sameDraft,
  withoutSection,
} from './draft.ts';
import type { FieldPath } from './fields.ts';

const draft = (fields: Partial<Record<FieldPath, string>>): Draft => ({
  ...EMPTY_DRAFT,
  ...fields,
});

function errorsOf(fields: Partial<Record<FieldPath, string>>): FieldErrors {
  const checked = checkDraft(draft(fields));
  assert.ok(!checked.ok, 'the draft was taken as right');
  return checked.errors;
}

const DIRECTIONS: readonly Direction[] = [
  {},
  { delay: { mean: '100ms', jitter: '10ms', correlation: '25%', distribution: 'normal' } },
  { loss: { model: 'random', probability: '1%' } },
  { loss: { model: 'gilbert-elliott', p: '1%', r: '10%', lossInBad: '70%', lossInGood: '0.1%' } },
  { loss: { model: 'state', p13: '1%', p31: '10%', p32: '0%', p23: '100%', p14: '0%' } },
  { delay: { mean: '10ms' }, reorder: { probability: '25%', correlation: '50%', gap: 5 } },
  { duplicate: { probability: '1%' }, corrupt: { probability: '0.1%', correlation: '2%' } },
  { rate: { rate: '10mbit', packetOverheadBytes: -4, cellBytes: 53, cellOverheadBytes: 5 } },
  { loss: { model: 'random', probability: '1%' }, ecn: true, limitPackets: 100, seed: '7' },
  { slot: { minDelay: '1ms', maxDelay: '2ms', maxPackets: 3 } },
  { slot: { distribution: 'pareto', delay: '1ms', jitter: '2ms', maxBytes: 3000 } },
];

describe('the fields of the editor', () => {
  for (const direction of DIRECTIONS) {
    test(`show and give back ${JSON.stringify(direction)}`, () => {
      assert.deepEqual(directionFrom(draftOf(direction)), direction);
      const checked = checkDraft(draftOf(direction));
      assert.deepEqual(checked.ok && checked.direction, direction);
    });
  }

  test('of another loss model are kept but not sent', () => {
    const both = draft({ 'loss.model': 'random', 'loss.probability': '1%', 'loss.p13': '5%' });
    assert.deepEqual(directionFrom(both), { loss: { model: 'random', probability: '1%' } });
  });

  test('that hold nothing ask for nothing', () => {
    assert.deepEqual(directionFrom(EMPTY_DRAFT), {});
    const checked = checkDraft(EMPTY_DRAFT);
    assert.ok(checked.ok && checked.untouched);
  });

  test('of a section can be emptied together', () => {
    const full = draft({ 'delay.mean': '1ms', 'delay.jitter': '1ms', 'rate.rate': '1mbit' });
    assert.ok(sameDraft(withoutSection(full, 'delay'), draft({ 'rate.rate': '1mbit' })));
  });
});

describe('checkDraft', () => {
  test("says at the field what the contract's parser says", () => {
    assert.match(errorsOf({ 'delay.mean': '-5ms' })['delay.mean'] ?? '', /is negative/u);
    assert.match(
      errorsOf({ 'loss.probability': '101%' })['loss.probability'] ?? '',
      /more than 100%/u,
    );
    assert.match(errorsOf({ 'rate.rate': '10mbps' })['rate.rate'] ?? '', /ambiguous/u);
  });

  test('names each wrong field', () => {
    const errors = errorsOf({ 'delay.mean': 'x', 'corrupt.probability': 'y' });
    assert.deepEqual(Object.keys(errors).toSorted(), ['corrupt.probability', 'delay.mean']);
  });

  test('asks for the value that a section cannot do without', () => {
    assert.match(errorsOf({ 'delay.jitter': '5ms' })['delay.mean'] ?? '', /Needed/u);
    assert.match(errorsOf({ 'slot.maxPackets': '5' })['slot.minDelay'] ?? '', /Needed/u);
  });

  test('wants whole numbers where the kernel does', () => {
    assert.match(errorsOf({ limitPackets: '1.5' }).limitPackets ?? '', /whole number/u);
    assert.match(errorsOf({ seed: '-1' }).seed ?? '', /whole number/u);
  });

  test('puts a contradiction at the field that makes it', () => {
    const reorder = errorsOf({ 'reorder.probability': '5%' });
    assert.match(reorder['reorder.probability'] ?? '', /needs a delay/u);
    assert.match(errorsOf({ ecn: 'true' }).ecn ?? '', /needs a loss/u);
    const shaped = errorsOf({ 'delay.mean': '5ms', 'delay.distribution': 'normal' });
    assert.match(shaped['delay.distribution'] ?? '', /needs a jitter/u);
    const swapped = errorsOf({ 'slot.minDelay': '5ms', 'slot.maxDelay': '1ms' });
    assert.match(swapped['slot.maxDelay'] ?? '', /below its minDelay/u);
    const cells = errorsOf({ 'rate.rate': '1mbit', 'rate.cellOverheadBytes': '5' });
    assert.match(cells['rate.cellOverheadBytes'] ?? '', /needs a cell size/u);
  });

  test('puts a contradiction of a whole section at its main field', () => {
    const errors = errorsOf({ 'reorder.probability': '5%', 'reorder.gap': '3' });
    assert.match(errors['reorder.probability'] ?? '', /needs a delay/u);
  });
});
