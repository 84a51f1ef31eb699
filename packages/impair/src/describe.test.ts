import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Direction, exactDirection } from '@netweir/api';
import { parseHandle, type Qdisc, TC_H_INGRESS, TC_H_ROOT } from '@netweir/kernel';
import { describeEgress, describeQdiscs } from './describe.ts';
import type { RootEntry } from './journal/entry.ts';
import { netemOf } from './mechanism/netem.ts';
import { OUR_ROOT } from './plan.ts';

const shaped: Direction = {
  delay: { mean: '100ms', jitter: '10ms', distribution: 'normal' },
  seed: '7',
};

function qdisc(part: Partial<Qdisc>): Qdisc {
  return {
    ifindex: 7,
    handle: OUR_ROOT,
    parent: TC_H_ROOT,
    kind: 'netem',
    options: netemOf(exactDirection(shaped), undefined),
    rawOptions: undefined,
    stats: undefined,
    ...part,
  };
}

function entryOf(egress: Direction): RootEntry {
  return {
    kind: 'root',
    id: 1,
    place: {
      bootId: 'b',
      space: 'host',
      namespaceDevice: 4,
      namespaceInode: 5,
      ifindex: 7,
      interface: 'eth0',
    },
    original: { description: 'default', qdiscs: [], classes: [] },
    setting: { egress, expiresAt: null, owner: 'daemon' },
  };
}

describe('describeEgress', () => {
  test('the journal tells the shape and whether the seed was wanted', () => {
    assert.deepEqual(describeEgress(qdisc({}), entryOf(shaped)), shaped);
    assert.deepEqual(describeEgress(qdisc({}), undefined), {
      delay: { mean: '100ms', jitter: '10ms' },
    });
  });

  test('what is not ours is null, and so is a kind that we never use', () => {
    assert.equal(describeEgress(undefined, undefined), null);
    assert.equal(describeEgress(qdisc({ handle: 0x8001_0000 }), entryOf(shaped)), null);
    const pfifo = { kind: 'pfifo', options: undefined };
    assert.equal(describeEgress(qdisc(pfifo), undefined), null);
  });
});

describe('describeQdiscs', () => {
  test('places are named as tc names them', () => {
    const places = [
      qdisc({}),
      qdisc({ kind: 'clsact', handle: parseHandle('ffff:'), parent: TC_H_INGRESS }),
      qdisc({ kind: 'pfifo', handle: parseHandle('10:'), parent: parseHandle('1:20') }),
    ];
    assert.deepEqual(describeQdiscs(places), [
      { kind: 'netem', handle: '4e57:', parent: 'root', ours: true },
      { kind: 'clsact', handle: 'ffff:', parent: 'clsact', ours: false },
      { kind: 'pfifo', handle: '10:', parent: '1:20', ours: false },
    ]);
  });
});
