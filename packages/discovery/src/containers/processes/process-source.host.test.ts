import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { ProcessSource } from './process-source.ts';

const DEADLINE_MS = 8000;
/** Of events, not of a scan, which without a hint comes after seconds. */
const PROMPT_MS = 1000;
const EVENTS_START_MS = 2000;
const SCAN_DEADLINE_MS = 20_000;
const ID = 'e5'.repeat(32);

const children: ChildProcess[] = [];
const sources: ProcessSource[] = [];

function open(): ProcessSource {
  const source = new ProcessSource(() => {});
  sources.push(source);
  return source;
}

/** A process in a network namespace of its own, and that namespace's inode number. */
async function start(...command: string[]): Promise<{ pid: number; ino: number; end(): void }> {
  const child = spawn('unshare', ['--net', ...command], { stdio: 'ignore' });
  children.push(child);
  const pid = child.pid ?? 0;
  const own = readlinkSync('/proc/self/ns/net');
  let link = own;
  await until(() => {
    link = readlinkSync(`/proc/${pid}/ns/net`);
    return link !== own;
  }, DEADLINE_MS);
  return { pid, ino: Number(link.slice(5, -1)), end: () => void child.kill('SIGKILL') };
}

async function until(holds: () => boolean, deadlineMs: number): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!holds()) {
    assert.ok(performance.now() < end, `not within ${deadlineMs} ms`);
    await setTimeout(5);
  }
}

/** The answer to the request for events comes as soon as the reader's thread runs. */
async function tellsEvents(source: ProcessSource): Promise<boolean> {
  const end = performance.now() + EVENTS_START_MS;
  while (!source.hasEvents && performance.now() < end) await setTimeout(5);
  return source.hasEvents;
}

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const source of sources.splice(0)) await source.close();
});

describe('ProcessSource', () => {
  test('finds a namespace that was there before it, and the first of its processes', async () => {
    const { pid, ino } = await start('sh', '-c', 'sleep 100 & exec sleep 1000');
    const source = open();
    await until(() => !source.view.pending, DEADLINE_MS);
    const found = source.view.namespaces.find((namespace) => namespace.ino === ino);
    assert.equal(found?.pid, pid);
    assert.equal(found?.command, 'sleep 1000');
  });

  test('leaves out its own namespace, and that of all who share it', async () => {
    const source = open();
    await until(() => !source.view.pending, DEADLINE_MS);
    const own = Number(readlinkSync('/proc/self/ns/net').slice(5, -1));
    assert.ok(!source.view.namespaces.some(({ ino }) => ino === own));
  });

  test('sees a namespace come and go by events of the kernel', async (t) => {
    const source = open();
    await until(() => !source.view.pending, DEADLINE_MS);
    if (!(await tellsEvents(source))) return t.skip('the kernel does not tell of processes here');
    const { ino, end } = await start('sleep', '1000');
    const isThere = () => source.view.namespaces.some((namespace) => namespace.ino === ino);
    await until(isThere, PROMPT_MS);
    end();
    await until(() => !isThere(), PROMPT_MS);
  });

  test('shows control characters of a command line as what they are not', async () => {
    const { ino } = await start('sh', '-c', 'sleep 1000; : \u001b[31m\u202e', 'x'.repeat(3000));
    const source = open();
    await until(() => !source.view.pending, DEADLINE_MS);
    const found = source.view.namespaces.find((namespace) => namespace.ino === ino);
    assert.match(found?.command ?? '', /^sh -c sleep 1000; : \ufffd\[31m\ufffd x+$/u);
    assert.equal(found?.command.length, 200);
  });

  test('tells a container by the control group of its processes', async (t) => {
    const group = await makeGroup();
    if (group === undefined) return t.skip('no hierarchy of control groups is writable here');
    try {
      const { pid, ino, end } = await start('sleep', '1000');
      await writeFile(`${group}/cgroup.procs`, `${pid}`);
      const source = open();
      await until(() => !source.view.pending, DEADLINE_MS);
      assert.equal(source.view.namespaces.find((namespace) => namespace.ino === ino)?.pid, pid);
      const container = source.view.containers.find(({ id }) => id === ID);
      assert.equal(container?.runtime, 'docker');
      assert.equal(container?.name, ID.slice(0, 12));
      assert.equal(container?.pid, pid);
      assert.equal(container?.state, 'running');
      await freeze(group, true);
      const state = () => source.view.containers.find(({ id }) => id === ID)?.state;
      // Of this the kernel tells nothing: the next look at all processes sees it.
      await until(() => state() === 'paused', SCAN_DEADLINE_MS);
      await freeze(group, false);
      end();
      await until(() => readFileSync(`${group}/cgroup.procs`, 'utf8') === '', DEADLINE_MS);
    } finally {
      await rmdir(group);
      await rmdir(dirname(group));
    }
  });

  test('holds nothing open that would keep a namespace', async () => {
    await start('sleep', '1000');
    const source = open();
    await until(() => !source.view.pending, DEADLINE_MS);
    const files = readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/self/fd/${fd}`)];
      } catch {
        return [];
      }
    });
    assert.deepEqual(
      files.filter((file) => /^net:|\/proc\//u.test(file)),
      [],
    );
  });
});

/** A group named as Docker names its own, where groups can be frozen. */
async function makeGroup(): Promise<string | undefined> {
  for (const root of ['/sys/fs/cgroup/freezer', '/sys/fs/cgroup']) {
    const group = `${root}/netweir-${process.pid}/${ID}`;
    try {
      await mkdir(group, { recursive: true });
      return realpathSync(group);
    } catch {
      // The next may be writable.
    }
  }
  return undefined;
}

async function freeze(group: string, isFrozen: boolean): Promise<void> {
  if (group.startsWith('/sys/fs/cgroup/freezer/')) {
    await writeFile(`${group}/freezer.state`, isFrozen ? 'FROZEN' : 'THAWED');
    const wanted = isFrozen ? 'FROZEN' : 'THAWED';
    const state = () => readFileSync(`${group}/freezer.state`, 'utf8').trim();
    await until(() => state() === wanted, DEADLINE_MS);
    return;
  }
  await writeFile(`${group}/cgroup.freeze`, isFrozen ? '1' : '0');
  const wanted = `frozen ${isFrozen ? 1 : 0}`;
  const events = () => readFileSync(`${group}/cgroup.events`, 'utf8');
  await until(() => events().includes(wanted), DEADLINE_MS);
}
