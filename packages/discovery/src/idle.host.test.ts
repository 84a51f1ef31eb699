import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

const LIMIT_MS = 20;

/** Nothing else happens where the program runs, so that what it uses is its own. */
const SETUP = `
  mount -t tmpfs none /run/netns 2>/dev/null || mount -t tmpfs none /run
  for i in $(seq 50); do
    echo netns add n$i
    echo link add v$i type veth peer name e0 netns n$i
  done | ip -batch -
  exec "$0" --input-type=module -`;

const PROGRAM = `
  import { setTimeout } from 'node:timers/promises';
  import { Discovery } from '${import.meta.resolve('./index.js')}';
  const discovery = await Discovery.open();
  const spaces = discovery.spaces().length;
  await setTimeout(1000);
  const before = process.cpuUsage();
  await setTimeout(2000);
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify({ spaces, cpuMs: (user + system) / 1000 }));
  await discovery.close();`;

test(`a discovery of 50 namespaces in which nothing happens uses less than ${LIMIT_MS} ms in 2 s`, () => {
  const args = ['--mount', '--net', 'sh', '-ec', SETUP, process.execPath];
  const output = execFileSync('unshare', args, { input: PROGRAM, encoding: 'utf8' });
  const { spaces, cpuMs } = JSON.parse(output);
  assert.equal(spaces, 51);
  assert.ok(cpuMs < LIMIT_MS, `${cpuMs} ms`);
});
