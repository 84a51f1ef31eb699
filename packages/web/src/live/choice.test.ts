import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Inventory } from '@netweir/api';
import { choosable, NOTHING_CHOSEN, stillThere, tally, withChosen } from './choice.ts';
import { nic, space } from './inventory.test-helper.ts';

const WEB = space('docker', 'web', { interfaces: [nic('lo'), nic('eth0'), nic('eth1')] });
const REFS = choosable([WEB]);
const inventory = (...spaces: Inventory['spaces']): Inventory => ({
  hostname: 'h',
  kernel: '6.18',
  spaces,
  unreadable: [],
  runtimes: [],
  stopped: [],
  probes: [],
  labs: [],
});

test('all of a space is every interface but its loopback', () => {
  assert.deepEqual(REFS, [
    { space: 'docker:web', interface: 'eth0' },
    { space: 'docker:web', interface: 'eth1' },
  ]);
});

test('what is chosen counts as none, some or all, and leaves the choice before as it was', () => {
  const all = withChosen(NOTHING_CHOSEN, REFS, true);
  const some = withChosen(all, REFS.slice(1), false);
  assert.deepEqual(
    [NOTHING_CHOSEN, some, all].map((chosen) => tally(chosen, REFS)),
    ['none', 'some', 'all'],
  );
});

test('an interface that went away is chosen no longer', () => {
  const chosen = withChosen(NOTHING_CHOSEN, REFS, true);
  const without = { ...WEB, interfaces: [nic('eth1')] };
  assert.deepEqual(stillThere(chosen, inventory(without)), REFS.slice(1));
  assert.deepEqual(stillThere(chosen, inventory()), []);
});
