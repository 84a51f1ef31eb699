import assert from 'node:assert/strict';
import { closeSync } from 'node:fs';
import { describe, test } from 'node:test';
import {
  addBpfFilter,
  loadClassifier,
  markAndRedirectIngress,
  TC_H_CLSACT_INGRESS,
} from '@netweir/kernel';
import { makeEngineWire } from '../engine-wire.test-support.ts';
import { until } from '../wire.test-support.ts';

const delay = { delay: { mean: '1ms' } };
const INGRESS = 'qdisc add dev v0 ingress';
const FILTERS = [
  'filter add dev v0 ingress prio 3 protocol ip u32 match ip src 10.57.0.9/32 action mirred egress mirror dev lo index 77 cookie c0ffee',
  'filter add dev v0 ingress prio 2 protocol ip u32 match ip src 10.57.0.8/32 flowid 1:1',
  'filter add dev v0 ingress chain 4 prio 9 protocol ip u32 match u32 0 0 flowid 1:2',
];

describe('an ingress qdisc, where the engine needs a clsact,', () => {
  test('is stood in for by one with its filters, and comes back', async (t) => {
    const { impairer, at, tc, state, run } = makeEngineWire(t, 'a');
    tc(INGRESS, ...FILTERS);
    const filters = (): string =>
      run('tc', 'filter', 'show', 'dev', 'v0', 'ingress').replaceAll(
        /^filter .* bpf (?:.*\n)+/gmu,
        '',
      );
    const before = state();
    const filtersBefore = filters();
    impairer.apply(at, { egress: delay, engine: 'userspace' }, undefined);
    assert.match(run('tc', 'qdisc', 'show', 'dev', 'v0'), /clsact/);
    await until(() => filters() === filtersBefore);
    impairer.clear(at);
    // The kernel frees what filters had some time after them.
    await until(() => state() === before);
    assert.doesNotMatch(run('tc', 'chain', 'show', 'dev', 'v0', 'ingress'), /20055/);
  });

  test('has its BPF program again', async (t) => {
    const { impairer, at, tc, state, run } = makeEngineWire(t, 'b');
    tc(INGRESS);
    const programFd = loadClassifier('somebodys', markAndRedirectIngress({ ifindex: 1, mark: 1 }));
    const place = { ifindex: at.ifindex, parent: TC_H_CLSACT_INGRESS, prio: 60_000, handle: 5 };
    at.netlink.request(addBpfFilter({ ...place, target: 'v0' }, { programFd, name: 'theirs' }));
    closeSync(programFd);
    const before = state();
    assert.match(before, /theirs/);
    impairer.apply(at, { ingress: delay, engine: 'userspace' }, undefined);
    assert.match(run('tc', 'filter', 'show', 'dev', 'v0', 'ingress'), /theirs/);
    impairer.clear(at);
    // The kernel frees what filters had some time after them.
    await until(() => state() === before);
  });

  test('comes back with what was added meanwhile', (t) => {
    const { impairer, at, tc, run } = makeEngineWire(t, 'c');
    tc(INGRESS);
    impairer.apply(at, { ingress: delay, engine: 'userspace' }, undefined);
    tc(...FILTERS);
    impairer.clear(at);
    assert.match(run('tc', 'qdisc', 'show', 'dev', 'v0'), /qdisc ingress ffff:/);
    const shown = run('tc', 'filter', 'show', 'dev', 'v0', 'ingress');
    assert.deepEqual(shown.match(/pref \d+ u32 chain \d+ fh \w+::\w+/gu), [
      'pref 2 u32 chain 0 fh 801::800',
      'pref 3 u32 chain 0 fh 800::800',
      'pref 9 u32 chain 4 fh 802::800',
    ]);
  });

  test('stays a clsact where somebody has a filter on what is sent by then', (t) => {
    const { impairer, at, tc, run } = makeEngineWire(t, 'd');
    tc(INGRESS, ...FILTERS);
    impairer.apply(at, { ingress: delay, engine: 'userspace' }, undefined);
    tc('filter add dev v0 egress prio 3 protocol ip u32 match u32 0 0 flowid 1:1');
    impairer.clear(at);
    assert.match(run('tc', 'qdisc', 'show', 'dev', 'v0'), /qdisc clsact ffff:/);
    assert.match(run('tc', 'filter', 'show', 'dev', 'v0', 'egress'), /u32/);
    assert.match(run('tc', 'filter', 'show', 'dev', 'v0', 'ingress'), /index 77/);
    assert.doesNotMatch(run('tc', 'chain', 'show', 'dev', 'v0', 'egress'), /20055/);
  });
});
