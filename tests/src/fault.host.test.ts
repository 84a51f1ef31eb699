import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { createClient } from '@netweir/api';
import { unixSocketTransport } from '@netweir/api/node';
import { Site } from './support/daemon.ts';
import { TestNamespace, tcState } from './support/witness.ts';

const DAEMON = resolve(import.meta.dirname, 'support/faulting-daemon.js');

test('a fault that nobody catches ends the daemon with everything put back', async () => {
  using site = new Site();
  using namespace = new TestNamespace('fault');
  namespace.ip('link', 'add', 'f0', 'type', 'veth', 'peer', 'name', 'f1');
  namespace.ip('link', 'set', 'f0', 'up');
  const original = tcState(namespace.name, 'f0');
  const daemon = spawn(process.execPath, [DAEMON, site.socketPath, join(site.directory, 'state')]);
  const exit = once(daemon, 'exit');
  let complaint = '';
  daemon.stderr.on('data', (chunk) => {
    complaint += chunk;
  });
  await once(daemon.stdout, 'data');
  const netweir = createClient(unixSocketTransport(site.socketPath));
  const ref = { space: namespace.space, interface: 'f0' };
  await netweir.setImpairment(ref, { egress: { rate: { rate: '1mbit' } } });
  assert.notEqual(tcState(namespace.name, 'f0'), original);
  daemon.stdin.end();
  const [code] = await exit;
  assert.notEqual(code, 0);
  assert.match(complaint, /a fault that nobody catches/u);
  assert.equal(tcState(namespace.name, 'f0'), original);
});
