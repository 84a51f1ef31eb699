import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { allows, type HostMeans, offerOf, takesSeeds } from './offer.ts';

const FULL: HostMeans = { netem: true, tbf: true, ifb: false, userspace: true };
const NO_NETEM: HostMeans = { ...FULL, netem: false };
const NO_USERSPACE: HostMeans = { ...FULL, userspace: false };
const NEITHER: HostMeans = { ...FULL, netem: false, userspace: false };

describe('what can be set', () => {
  test('is everything, in both directions, until the host has answered', () => {
    assert.deepEqual(offerOf(undefined, 'auto', 'egress'), { can: 'all' });
    assert.deepEqual(offerOf(undefined, 'kernel', 'ingress'), { can: 'all' });
  });

  test('is everything where the userspace engine works, with netem or without', () => {
    for (const host of [FULL, NO_NETEM]) {
      for (const engine of ['auto', 'userspace'] as const) {
        assert.deepEqual(offerOf(host, engine, 'egress'), { can: 'all' });
        assert.deepEqual(offerOf(host, engine, 'ingress'), { can: 'all' });
      }
    }
  });

  test('is the rate alone by a kernel without netem, and nothing without tbf', () => {
    assert.deepEqual(offerOf(NO_NETEM, 'kernel', 'egress'), { can: 'rate', lack: 'no-netem' });
    assert.deepEqual(offerOf(NEITHER, 'auto', 'egress'), { can: 'rate', lack: 'no-netem' });
    const bare = { ...NEITHER, tbf: false };
    assert.deepEqual(offerOf(bare, 'auto', 'egress'), { can: 'nothing', lack: 'no-netem' });
  });

  test('is everything on what is sent by a kernel that has netem', () => {
    assert.deepEqual(offerOf(FULL, 'kernel', 'egress'), { can: 'all' });
    assert.deepEqual(offerOf(NO_USERSPACE, 'auto', 'egress'), { can: 'all' });
  });

  test("is on what is received by the kernel's qdiscs what it is on the other way, given an ifb", () => {
    const offer = offerOf(FULL, 'kernel', 'ingress');
    assert.deepEqual(offer, { can: 'nothing', lack: 'no-ifb' });
    assert.deepEqual(offerOf({ ...FULL, ifb: true }, 'kernel', 'ingress'), { can: 'all' });
    const rateOnly = offerOf({ ...NEITHER, ifb: true }, 'auto', 'ingress');
    assert.deepEqual(rateOnly, { can: 'rate', lack: 'no-netem' });
  });

  test('is nothing by a userspace engine that does not work here', () => {
    const lack = { can: 'nothing', lack: 'no-userspace' };
    assert.deepEqual(offerOf(NO_USERSPACE, 'userspace', 'egress'), lack);
  });
});

test('a rate alone is allowed where only the rate is offered', () => {
  const rateOnly = offerOf(NO_NETEM, 'kernel', 'egress');
  assert.equal(allows(rateOnly, { rate: { rate: '1mbit' } }), true);
  assert.equal(allows(rateOnly, { rate: { rate: '1mbit' }, delay: { mean: '1ms' } }), false);
  assert.equal(allows(offerOf(FULL, 'kernel', 'ingress'), { rate: { rate: '1mbit' } }), false);
  assert.equal(allows(offerOf(FULL, 'auto', 'ingress'), { delay: { mean: '1ms' } }), true);
});

test('seeds count where the engine that may be used takes them', () => {
  const old = { netemSeed: false, userspace: true };
  assert.equal(takesSeeds(old, 'auto'), true);
  assert.equal(takesSeeds(old, 'userspace'), true);
  assert.equal(takesSeeds(old, 'kernel'), false);
  assert.equal(takesSeeds({ netemSeed: true, userspace: false }, 'auto'), true);
  assert.equal(takesSeeds({ netemSeed: true, userspace: false }, 'userspace'), false);
});
