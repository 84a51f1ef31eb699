import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { execInNamespaces } from './exec-in-namespaces.ts';
import { waitForExit } from './wait-for-exit.ts';

const CLONE_NEWNET = 0x40000000;

/** A process in a user and a network namespace of its own, until the test ends. */
async function isolatedProcess(t: TestContext): Promise<number> {
  const child = spawn('unshare', ['-Urn', 'sleep', '60'], { stdio: 'ignore' });
  const exit = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  const pid = child.pid ?? 0;
  while (readFileSync(`/proc/${pid}/uid_map`, 'utf8').trim() !== '0          0          1') {
    await setTimeout(1);
  }
  return pid;
}

function opened(t: TestContext, pid: number, ...kinds: string[]): number[] {
  return kinds.map((kind) => {
    const fd = openSync(`/proc/${pid}/ns/${kind}`, 'r');
    t.after(() => closeSync(fd));
    return fd;
  });
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'netweir-exec-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

const shell = (script: string, ...args: string[]) =>
  ({ path: '/bin/sh', argv: ['sh', '-c', script, 'sh', ...args] }) as const;

test('a program runs in the user and the network namespace of another process', async (t) => {
  const pid = await isolatedProcess(t);
  const file = join(folder(t), 'out');
  const started = execInNamespaces({
    ...shell('readlink /proc/self/ns/user /proc/self/ns/net > "$1"; exit "$CODE"', file),
    enter: opened(t, pid, 'user', 'net'),
    environment: { CODE: '7', PATH: '/usr/bin:/bin' },
  });
  assert.deepEqual(await waitForExit(started), { code: 7 });
  assert.deepEqual(readFileSync(file, 'utf8').trim().split('\n'), [
    readlinkSync(`/proc/${pid}/ns/user`),
    readlinkSync(`/proc/${pid}/ns/net`),
  ]);
});

test('a namespace may be made after others were entered', async (t) => {
  const pid = await isolatedProcess(t);
  const file = join(folder(t), 'out');
  const started = execInNamespaces({
    ...shell('readlink /proc/self/ns/net > "$1"', file),
    enter: opened(t, pid, 'user'),
    unshare: CLONE_NEWNET,
    environment: { PATH: '/usr/bin:/bin' },
  });
  assert.deepEqual(await waitForExit(started), { code: 0 });
  const made = readFileSync(file, 'utf8').trim();
  assert.match(made, /^net:/);
  assert.ok(
    ![`/proc/${pid}/ns/net`, '/proc/self/ns/net'].map((path) => readlinkSync(path)).includes(made),
  );
});

test('a signal that ended the program is told', async () => {
  const pid = execInNamespaces({ ...shell('kill -TERM $$'), enter: [], environment: {} });
  assert.deepEqual(await waitForExit(pid), { signal: 15 });
});

test('a program that cannot be started ends with 126', async () => {
  const pid = execInNamespaces({ path: '/nowhere', argv: ['x'], enter: [], environment: {} });
  assert.deepEqual(await waitForExit(pid), { code: 126 });
});

test('a hundred programs one after the other end as they should', async () => {
  for (let round = 0; round < 100; round++) {
    const pid = execInNamespaces({ ...shell(`exit ${round}`), enter: [], environment: {} });
    assert.deepEqual(await waitForExit(pid), { code: round });
  }
});
