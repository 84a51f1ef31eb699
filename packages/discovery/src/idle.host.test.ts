import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const LIMIT_MS = 20;

/** Nothing else happens where the program runs, so that what it uses is its own. */
const SETUP = `
  mount -t tmpfs none /run/netns 2>/dev/null || mount -t tmpfs none /run
  for i in $(seq 50); do
    echo netns add n$i
    echo link add v$i type veth peer name e0 netns n$i
  done | ip -batch -
  exec "$@"`;

const PROGRAM = fileURLToPath(import.meta.resolve('./idle.test-support.js'));

test(`a discovery of 50 namespaces in which nothing happens uses less than ${LIMIT_MS} ms in 2 s`, () => {
  const args = ['--mount', '--net', 'sh', '-ec', SETUP, 'sh', process.execPath, PROGRAM];
  const output = execFileSync('unshare', args, { encoding: 'utf8' });
  const { spaces, cpuMs } = JSON.parse(output);
  assert.equal(spaces, 51);
  assert.ok(cpuMs < LIMIT_MS, `${cpuMs} ms`);
});
