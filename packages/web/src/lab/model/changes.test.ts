import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LabChange, LINK_CONDITIONS } from '@netweir/api';
import { checkDraft } from '../../form/check.ts';
import { EMPTY_DRAFT } from '../../form/draft.ts';
import {
  choiceOf,
  choiceOfBoth,
  conditionsChange,
  detailedConditions,
  mtuChange,
} from './changes.ts';

const LINK = { kind: 'link', node: 'phone', interface: 'wlan0' } as const;
const ACROSS = { kind: 'region-link', between: ['eu', 'us'] } as const;
const UNTOUCHED = checkDraft(EMPTY_DRAFT);

describe('The conditions of a link', () => {
  test('are sent both ways at once, to the interface or to the regions', () => {
    const ways = { egress: 'wifi', ingress: null } as const;
    assert.deepEqual(LabChange.parse(conditionsChange(LINK, ways)), {
      type: 'conditions',
      node: 'phone',
      interface: 'wlan0',
      conditions: ways,
    });
    assert.deepEqual(LabChange.parse(conditionsChange(ACROSS, ways)), {
      type: 'region-link-conditions',
      between: ['eu', 'us'],
      conditions: ways,
    });
  });

  test('are null where nothing is left', () => {
    const change = conditionsChange(LINK, { egress: null, ingress: null });
    assert.deepEqual(change, { ...change, conditions: null });
  });

  test('are chosen by the name that they have, or none', () => {
    assert.equal(choiceOf(null), '');
    assert.equal(choiceOf('satellite'), 'satellite');
    assert.equal(choiceOf({ delay: { mean: '1ms' } }), 'custom');
    assert.equal(choiceOfBoth({ egress: 'wifi', ingress: 'wifi' }), 'wifi');
    assert.equal(choiceOfBoth({ egress: 'wifi', ingress: LINK_CONDITIONS.wifi }), 'wifi');
    assert.equal(choiceOfBoth({ egress: 'wifi', ingress: null }), 'different');
  });

  test('come from the detailed fields; what they leave empty is clean, but a name stays', () => {
    const delayed = checkDraft({ ...EMPTY_DRAFT, 'delay.mean': '30ms' });
    const now = {
      egress: { loss: { model: 'random', probability: '1%' } },
      ingress: 'wifi',
    } as const;
    assert.deepEqual(detailedConditions({ egress: delayed, ingress: UNTOUCHED }, now), {
      ok: true,
      ways: { egress: { delay: { mean: '30ms' } }, ingress: 'wifi' },
    });
    assert.deepEqual(detailedConditions({ egress: UNTOUCHED, ingress: delayed }, now), {
      ok: true,
      ways: { egress: null, ingress: { delay: { mean: '30ms' } } },
    });
  });

  test('are not sent while a field is wrong', () => {
    const wrong = checkDraft({ ...EMPTY_DRAFT, 'delay.mean': '-5ms' });
    const asked = detailedConditions(
      { egress: UNTOUCHED, ingress: wrong },
      { egress: null, ingress: null },
    );
    assert.deepEqual(asked, { ok: false, reason: 'A field under Receives needs another value.' });
  });
});

test('an MTU is a whole number that the kernel takes', () => {
  assert.deepEqual(mtuChange('phone', 'wlan0', ' 1400 '), {
    change: { type: 'mtu', node: 'phone', interface: 'wlan0', mtu: 1400 },
  });
  for (const text of ['', '67', '65536', '1400.5', 'large']) {
    assert.ok('problem' in mtuChange('phone', 'wlan0', text), text);
  }
});
