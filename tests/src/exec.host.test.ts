import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { netweir } from './support/command.ts';
import { Site } from './support/daemon.ts';
import { TestNamespace, until } from './support/witness.ts';

const DEADLINE_MS = 10_000;

describe('exec', () => {
  let namespace: TestNamespace;
  let site: Site;
  let space: string;

  before(() => {
    namespace = new TestNamespace('exec');
    site = new Site();
    ({ space } = namespace);
  });
  after(() => {
    site[Symbol.dispose]();
    namespace[Symbol.dispose]();
  });

  const exec = (...command: string[]) => netweir(site, 'exec', space, '--', ...command);

  test('runs a command in the network namespace and in no other, with its output', async () => {
    const script = 'readlink /proc/self/ns/net /proc/self/ns/mnt; echo wrong >&2';
    const { code, stdout, stderr } = await exec('sh', '-c', script);
    const net = namespace.exec('readlink', '/proc/self/ns/net').trim();
    assert.notEqual(net, readlinkSync('/proc/self/ns/net'));
    assert.equal(stdout, `${net}\n${readlinkSync('/proc/self/ns/mnt')}\n`);
    assert.match(stderr, /^wrong$/mu);
    assert.equal(code, 0);
  });

  test('ends as its command does, or with what shells say of one that cannot be started', async () => {
    assert.equal((await exec('sh', '-c', 'exit 3')).code, 3);
    assert.equal((await exec('sh', '-c', 'kill -9 $$')).code, 137);
    const { code, stderr } = await exec('no-such-program');
    assert.equal(code, 127);
    assert.match(stderr, /cannot start no-such-program: ENOENT/u);
    assert.equal((await exec('/')).code, 126);
  });

  test('passes flags of the command on, and signals to it', async () => {
    assert.equal((await exec('echo', '--json', '--help')).stdout, '--json --help\n');
    const script = 'trap "exit 9" TERM; echo ready; while :; do sleep 0.02; done';
    let stdout = '';
    const child = site.spawn(['exec', space, '--', 'sh', '-c', script]);
    const code = new Promise((resolve) => child.once('close', resolve));
    child.stdout?.on('data', (chunk) => {
      stdout += chunk;
    });
    await until('it runs', DEADLINE_MS, () => stdout === 'ready\n');
    child.kill('SIGTERM');
    assert.equal(await code, 9);
  });
});
