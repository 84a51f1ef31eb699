import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync } from 'node:fs';
import { test } from 'node:test';
import { exactDirection } from '@netweir/api';
import { addAddress, monotonicNs, NetworkNamespace, openTap, setLinkUp } from '@netweir/kernel';
import { Lane } from './lane.ts';
import { sharedCounters } from './lane-counters.ts';

const DELAY_NS = 20_000_000;
const BUSY_MS = 50;

test('a frame without a stamp is not early where it came while the thread was busy', (t) => {
  const namespace = NetworkNamespace.anonymous();
  const netlink = namespace.netlink();
  const { fd, ifindex } = openTap(namespace, { name: 'tap0', queueLength: 10 });
  t.after(() => {
    closeSync(fd);
    netlink.close();
    namespace.close();
  });
  netlink.request(addAddress({ ifindex, address: '10.57.0.1/24' }));
  netlink.request(setLinkUp({ ifindex }));
  const lane = new Lane({
    tapFd: fd,
    deliver: () => 0,
    change: { base: exactDirection({ delay: { mean: '20ms' } }), rules: [] },
    seed: 1n,
    nowNs: monotonicNs(),
    counters: sharedCounters(0),
    isStamped: false,
  });
  const lastLookNs = monotonicNs();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_MS);
  const sentNs = monotonicNs();
  namespace.run(() => spawnSync('ping', ['-c', '1', '-W', '0.1', '10.57.0.2']));
  lane.receive(lastLookNs);
  assert.ok(lane.wakeNs >= sentNs + DELAY_NS, `${(lane.wakeNs - sentNs) / 1e6} ms`);
  assert.ok(lane.wakeNs <= monotonicNs() + DELAY_NS);
});
