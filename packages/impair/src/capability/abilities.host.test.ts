import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { makeWire } from '../wire.test-support.ts';
import { probeAbilities } from './abilities.ts';

test('what is found out is what tc finds out, and leaves nothing behind', (t) => {
  const { near } = makeWire(t, 'a');
  const tcTakes = (...options: string[]): boolean =>
    near.run(() => {
      const { status } = spawnSync('tc', ['qdisc', 'replace', 'dev', 'v0', 'root', ...options]);
      return status === 0;
    });
  const openFiles = readdirSync('/proc/self/fd').length;
  const { netem, netemSeed, tbf } = probeAbilities();
  assert.equal(readdirSync('/proc/self/fd').length, openFiles);
  assert.equal(netem, tcTakes('netem', 'delay', '1ms'));
  assert.equal(tbf, tcTakes('tbf', 'rate', '1mbit', 'burst', '5k', 'limit', '20k'));
  assert.ok(netem || !netemSeed);
});

test('an ifb that somebody has is left alone', (t) => {
  const { near, run } = makeWire(t, 'i');
  run('ip', 'link', 'add', 'ifb0', 'type', 'ifb');
  const links = (): string => run('ip', '-o', 'link', 'show', 'type', 'ifb');
  const before = links();
  near.run(() => void probeAbilities());
  assert.equal(links(), before);
});
