import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addressOf, type LabPlace, nodeOfSpace, placeOf } from './place.ts';

describe('The address of the page', () => {
  test('says which lab is shown and what of it is open, and is read again', () => {
    const places: readonly (readonly [string, LabPlace])[] = [
      ['#labs', { lab: undefined, subject: undefined }],
      ['#labs/town', { lab: 'town', subject: undefined }],
      ['#labs/town/phone', { lab: 'town', subject: { kind: 'node', node: 'phone' } }],
      [
        '#labs/town/phone/wlan0',
        { lab: 'town', subject: { kind: 'link', node: 'phone', interface: 'wlan0' } },
      ],
      [
        '#labs/town/eu~us',
        { lab: 'town', subject: { kind: 'region-link', between: ['eu', 'us'] } },
      ],
    ];
    for (const [address, place] of places) {
      assert.equal(addressOf(place), address);
      assert.deepEqual(placeOf(address), place);
    }
  });

  test('keeps a name of an interface that is none of an address', () => {
    const place: LabPlace = {
      lab: 'town',
      subject: { kind: 'link', node: 'phone', interface: 'a%20#b' },
    };
    assert.deepEqual(placeOf(addressOf(place)), place);
  });

  test('is of no lab where it is of a space, a token, or nothing', () => {
    for (const hash of [
      '',
      '#',
      '#spaces',
      '#netns:labs/eth0',
      '#token=labs',
      '#lab:town/phone/eth0',
    ]) {
      assert.equal(placeOf(hash), undefined, hash);
    }
  });
});

test('a space of a lab is a node of it', () => {
  assert.deepEqual(nodeOfSpace('lab:town/phone'), { lab: 'town', node: 'phone' });
  assert.equal(nodeOfSpace('netns:town/phone'), undefined);
  assert.equal(nodeOfSpace('host'), undefined);
});
