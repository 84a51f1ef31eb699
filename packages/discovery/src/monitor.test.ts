import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { report } from './monitor.ts';

/** What a message makes of itself, as text. */
function reported(type: number, body: Uint8Array): string[] {
  const calls: string[] = [];
  report(
    { type, flags: 0, body },
    {
      interfaceChanged: (ifindex, { qdiscsChanged }) =>
        calls.push(`${ifindex}${qdiscsChanged ? ' qdiscs' : ''}`),
      trafficControlChanged: (ifindex) => calls.push(`tc ${ifindex}`),
      nsidChanged: ({ nsid, deleted }) => calls.push(`nsid ${nsid} ${deleted ? 'gone' : 'new'}`),
      lost: () => calls.push('lost'),
    },
  );
  return calls;
}

const body = Uint8Array.of(0, 0, 0, 0, 7, 1, 0, 0);

test('messages about links and addresses name the interface', () => {
  for (const type of [16, 17, 20, 21]) assert.deepEqual(reported(type, body), ['263']);
});

test('messages about qdiscs say that these changed', () => {
  for (const type of [36, 37]) {
    assert.deepEqual(reported(type, body), ['tc 263', '263 qdiscs']);
  }
});

test('messages about namespace numbers are told', () => {
  const nsid = Uint8Array.of(0, 0, 0, 0, 8, 0, 1, 0, 5, 0, 0, 0);
  assert.deepEqual(reported(88, nsid), ['nsid 5 new']);
  assert.deepEqual(reported(89, nsid), ['nsid 5 gone']);
});

test('messages about classes and filters say that traffic control changed', () => {
  for (const type of [40, 41, 44, 45]) assert.deepEqual(reported(type, body), ['tc 263']);
});

test('messages about routes pass over', () => {
  assert.deepEqual(reported(24, body), []);
});

test('no bytes make it throw, and only a message about a qdisc says two things', () => {
  const qdisc = new Set([36, 37]);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 120 }), fc.uint8Array(), (type, bytes) => {
      assert.ok(reported(type, bytes).length <= (qdisc.has(type) ? 2 : 1));
    }),
    { examples: [[36, new Uint8Array(8)]] },
  );
});
