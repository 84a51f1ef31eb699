import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Probe, ProbeId } from '@netweir/api';
import { probeIdFor } from './probe-id.ts';

const probe = (id: string, space: string, address: string): Probe => ({
  id,
  space,
  address,
  interval: '250ms',
  samples: [],
});

test('an id is made of the space and the address, in the letters that the API takes', () => {
  const id = probeIdFor({ space: 'netns:a b', address: 'fe80::1' }, []);
  assert.equal(id, 'netns-a-b-fe80--1');
  assert.ok(ProbeId.safeParse(id).success);
});

test('a very long name still gives an id that the API takes', () => {
  const request = { space: `netns:${'x'.repeat(255)}`, address: '10.0.0.1' };
  const first = probeIdFor(request, []);
  const second = probeIdFor(request, [probe(first, 'other', '10.0.0.1')]);
  assert.ok(ProbeId.safeParse(first).success);
  assert.ok(ProbeId.safeParse(second).success);
  assert.notEqual(first, second);
});

test('what is measured already keeps its id', () => {
  const there = probe('mine', 'host', '10.0.0.1');
  assert.equal(probeIdFor({ space: 'host', address: '10.0.0.1' }, [there]), 'mine');
});
