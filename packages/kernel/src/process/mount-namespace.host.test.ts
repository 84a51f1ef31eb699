import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { MountNamespace } from './mount-namespace.ts';

const MOUNTS = '/proc/thread-self/mountinfo';
/** Without those of other tests, which come and go. */
const mountsOf = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => /netweir|\/etc\//.test(line));
const cat = (path: string) => execFileSync('cat', [path], { encoding: 'utf8' });

test('programs inside see other files, also when these change, and nobody else does', () => {
  const hosts = readFileSync('/etc/hosts', 'utf8');
  const mounts = mountsOf(MOUNTS);
  const namespace = new MountNamespace({
    '/etc/hosts': 'one\n',
    '/etc/no-such-file': 'nothing\n',
  });
  try {
    assert.equal(
      namespace.run(() => cat('/etc/hosts')),
      'one\n',
    );
    namespace.write('/etc/hosts', 'x\n');
    assert.equal(
      namespace.run(() => cat('/etc/hosts')),
      'x\n',
    );
    assert.equal(cat('/etc/hosts'), hosts);
    assert.equal(readFileSync('/etc/hosts', 'utf8'), hosts);
    assert.deepEqual(mountsOf(MOUNTS), mounts);
    assert.deepEqual(mountsOf('/proc/1/mountinfo'), mounts);
  } finally {
    namespace.close();
  }
});

test('nothing of it reaches a machine whose mounts are shared', () => {
  const module = new URL('./mount-namespace.js', import.meta.url).href;
  const script = `
    import { readFileSync } from 'node:fs';
    import { MountNamespace } from '${module}';
    const mounts = () => readFileSync('/proc/self/mountinfo', 'utf8');
    const before = mounts();
    const namespace = new MountNamespace({ '/etc/hosts': 'x' });
    namespace.run(() => {});
    console.log(mounts() === before, / shared:/.test(before));`;
  const run = [process.execPath, '--input-type=module', '-e', script];
  const shared = ['--mount', '--propagation', 'shared', ...run];
  assert.equal(execFileSync('unshare', shared, { encoding: 'utf8' }), 'true true\n');
});

test('it can be entered though threads were started meanwhile', async () => {
  const namespace = new MountNamespace({ '/etc/hosts': 'one\n' });
  const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
  try {
    await once(worker, 'online');
    assert.equal(
      namespace.run(() => cat('/etc/hosts')),
      'one\n',
    );
  } finally {
    await worker.terminate();
    namespace.close();
  }
});

test('what is spawned starts in the current directory, and this thread stays where it is', () => {
  const namespace = new MountNamespace({});
  const before = process.cwd();
  try {
    process.chdir('/usr');
    const inside = namespace.run(() => execFileSync('pwd', { encoding: 'utf8' }));
    assert.equal(inside, '/usr\n');
    assert.equal(execFileSync('pwd', { encoding: 'utf8' }), '/usr\n');
  } finally {
    process.chdir(before);
    namespace.close();
  }
});
