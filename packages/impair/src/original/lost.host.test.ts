import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Impairer } from '../impairer.ts';
import { Journal } from '../journal/journal.ts';
import { makeTbfWire } from '../wire.test-support.ts';

describe('what cannot be put back', () => {
  test('is replaced where that is asked for, and told by restore', (t) => {
    const { at, stateDirectory, tc, run } = makeTbfWire(t, 'lo');
    tc('qdisc add dev v0 root handle 1: estimator 1sec 4sec pfifo limit 9');
    const impairer = new Impairer({
      journal: new Journal(stateDirectory),
      abilities: () => ({
        netem: false,
        netemSeed: false,
        tbf: true,
        userspace: false,
        ...{ classifier: undefined, duplicateBesideOthers: false, ifb: false },
      }),
      owner: 'command',
      onEngineFailure: (error) => assert.fail(error),
    });
    const wanted = { egress: { rate: { rate: '5mbit' } }, replace: true };
    impairer.apply(at, wanted, undefined);
    assert.match(run('tc', 'qdisc', 'show', 'dev', 'v0', 'root'), /tbf 4e57:/);
    const { restored } = impairer.restore(() => at);
    assert.equal(restored[0]?.original, 'pfifo 1:');
    assert.match(restored[0]?.lost?.join() ?? '', /^the pfifo qdisc 1: has a rate estimator/);
    assert.match(run('tc', 'qdisc', 'show', 'dev', 'v0', 'root'), /pfifo 1: root .*limit 9p/);
  });
});
