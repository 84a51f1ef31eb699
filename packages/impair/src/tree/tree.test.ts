import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Direction, exactDirection } from '@netweir/api';
import { type Qdisc, TC_H_ROOT } from '@netweir/kernel';
import { netemOf } from '../mechanism/netem.ts';
import { OUR_ROOT } from '../plan.ts';
import { readTree, type TreeSetting } from './tree.ts';

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

function set(egress: Direction): TreeSetting {
  const setting = { egress, ingress: null, rules: [], addresses: {}, expiresAt: null };
  return { setting: { ...setting, owner: 'daemon' }, slots: [] };
}

describe('readTree', () => {
  test('the setting tells the shape and whether the seed was wanted', () => {
    assert.deepEqual(readTree([qdisc({})], 'egress', set(shaped))?.base, shaped);
    assert.deepEqual(readTree([qdisc({})], 'egress', undefined)?.base, {
      delay: { mean: '100ms', jitter: '10ms' },
    });
  });

  test('what is not ours is not there, and a kind that we never use does nothing', () => {
    assert.equal(readTree([], 'egress', undefined), undefined);
    assert.equal(readTree([qdisc({ handle: 0x8001_0000 })], 'egress', set(shaped)), undefined);
    const pfifo = qdisc({ kind: 'pfifo', options: undefined });
    assert.equal(readTree([pfifo], 'egress', undefined)?.base, null);
  });
});
