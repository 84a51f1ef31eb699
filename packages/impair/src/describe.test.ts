import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseHandle, type Qdisc, TC_H_INGRESS, TC_H_ROOT } from '@netweir/kernel';
import { describeQdiscs } from './describe.ts';
import { OUR_ROOT } from './plan.ts';

function qdisc(part: Partial<Qdisc>): Qdisc {
  return {
    ifindex: 7,
    handle: OUR_ROOT,
    parent: TC_H_ROOT,
    kind: 'netem',
    options: undefined,
    rawOptions: undefined,
    stats: undefined,
    ...part,
  };
}

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
