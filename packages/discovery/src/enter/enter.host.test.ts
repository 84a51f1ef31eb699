import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Container } from '@netweir/api';
import { container, isolatedProcess } from '../containers/containers.test-support.ts';
import type { Enterable } from './open-space.ts';

/** Runs what a test wants to see the exit code and output of in a node of its own. */
function inNode(source: string, input?: unknown): { status: number | null; stdout: string } {
  const entry = new URL('../index.js', import.meta.url).href;
  const module = `import * as d from ${JSON.stringify(entry)};
    const space = ${JSON.stringify(input ?? null)};
    process.exitCode = await (async () => { ${source} })();`;
  const args = ['--input-type=module', '-e', module];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, stdout };
}

function spaceOf(pid: number, inode: number): Enterable {
  const containers: Container[] = [container('web', { pid })];
  return { id: 'docker:web', kind: 'docker', name: 'web', aliases: [], inode, containers };
}

test('a program runs in the network namespace of a container, and in no other of it', async (t) => {
  const { pid, inode } = await isolatedProcess(t);
  const script = 'readlink /proc/self/ns/net /proc/self/ns/mnt; exit 5';
  const source = `return d.runInSpace(space, ['sh', '-c', ${JSON.stringify(script)}]);`;
  const { status, stdout } = inNode(source, spaceOf(pid, inode));
  const mount = execFileSync('readlink', ['/proc/self/ns/mnt'], { encoding: 'utf8' });
  assert.equal(stdout, `net:[${inode}]\n${mount}`);
  assert.equal(status, 5);
});

test('a signal that ends the program is told as shells do, and one that comes is passed on', async (t) => {
  const { pid, inode } = await isolatedProcess(t);
  const space = spaceOf(pid, inode);
  assert.equal(
    inNode(`return d.runInSpace(space, ['sh', '-c', 'kill -9 $$']);`, space).status,
    137,
  );
  const script = 'trap "exit 9" TERM; kill -TERM $PPID; while :; do sleep 0.01; done';
  const source = `return d.runInSpace(space, ['sh', '-c', ${JSON.stringify(script)}]);`;
  assert.equal(inNode(source, space).status, 9);
});

test('a program that is not there is told with the exit code of shells', async (t) => {
  const { pid, inode } = await isolatedProcess(t);
  const source = `return d.runInSpace(space, ['/nowhere']).catch((e) => e.exitCode);`;
  assert.equal(inNode(source, spaceOf(pid, inode)).status, 127);
});

test('a number that another process has by now leads nowhere', async (t) => {
  const { pid, inode } = await isolatedProcess(t);
  const source = `return d.runInSpace(space, ['true']).catch((e) => (e.code === 'space-vanished' ? 3 : 4));`;
  assert.equal(inNode(source, spaceOf(pid, inode + 1)).status, 3);
});

test('a program runs in the user namespace of a container as well', async (t) => {
  const child = spawn('unshare', ['-Urn', 'sleep', '60'], { stdio: 'ignore' });
  const exit = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  const pid = child.pid ?? 0;
  await untilMapped(pid);
  const inode = statSync(`/proc/${pid}/ns/net`).ino;
  const user = statSync(`/proc/${pid}/ns/user`).ino;
  const source = `return d.runInUserNamespace(space, (e) => ['/bin/sh', '-c',
    'readlink /proc/self/ns/user /proc/self/ns/net; echo "$1 $2"; exit 6', 'sh', e.user, e.net].map(String));`;
  const { status, stdout } = inNode(source, spaceOf(pid, inode));
  assert.equal(stdout, `user:[${user}]\nnet:[${inode}]\n${user} ${inode}\n`);
  assert.equal(status, 6);
});

test('an ordinary user becomes the root of the user namespace of its containers', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'netweir-rootless-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'libpod', 'tmp'), { recursive: true });
  for (const one of [folder, join(folder, 'libpod'), join(folder, 'libpod', 'tmp')])
    chmodSync(one, 0o755);
  const asUser = ['--reuid=4242', '--regid=4242', '--clear-groups'];
  const pause = spawn('setpriv', [...asUser, 'unshare', '-Urm', 'sleep', '60'], {
    stdio: 'ignore',
  });
  const exit = once(pause, 'exit');
  t.after(async () => {
    pause.kill('SIGKILL');
    await exit;
  });
  await untilMapped(pause.pid ?? 0);
  writeFileSync(join(folder, 'libpod', 'tmp', 'pause.pid'), `${pause.pid}`);
  const entry = new URL('../index.js', import.meta.url).href;
  const module = `import * as d from ${JSON.stringify(entry)};
    if (d.isRootless()) console.log('inside', process.geteuid());
    else process.exitCode = await d.enterRootless(d.rootlessNamespace(),
      [process.execPath, '--input-type=module', '-e', process.argv[1], process.argv[1]]);`;
  const { stdout, stderr } = spawnSync(
    'setpriv',
    [...asUser, process.execPath, '--input-type=module', '-e', module, module],
    { encoding: 'utf8', env: { ...process.env, XDG_RUNTIME_DIR: folder } },
  );
  assert.equal(stdout, 'inside 0\n', stderr);
});

async function untilMapped(pid: number): Promise<void> {
  while (!/^\s*0\s+\d+\s+1\s*$/.test(readFileSync(`/proc/${pid}/uid_map`, 'utf8'))) {
    await setTimeout(1);
  }
}
