import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as startTimer } from 'node:timers';
import { setTimeout } from 'node:timers/promises';
import { KernelError } from '@netweir/kernel';
import { NamespaceDirectory } from './namespace-directory.ts';
import { run } from './witness.test-support.ts';

const DEADLINE_MS = 1000;

/** A directory that does not exist yet, what is known of it, and a way to wait. */
function watchNew(t: TestContext): {
  path: string;
  names: Set<string>;
  directory: NamespaceDirectory;
  until: (condition: () => boolean) => Promise<void>;
} {
  const parent = mkdtempSync(join(tmpdir(), 'netweir-names-'));
  t.after(() => rmSync(parent, { recursive: true }));
  const path = join(parent, 'netns');
  const names = new Set<string>();
  let wake = () => {};
  const directory = new NamespaceDirectory(path, {
    appeared: (name, namespace) => {
      namespace.close();
      names.add(name);
      wake();
    },
    disappeared: (name) => {
      names.delete(name);
      wake();
    },
  });
  directory.start();
  t.after(() => directory.close());
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      const timer = startTimer(reject, DEADLINE_MS, new Error('not seen in time'));
      wake = () => {
        if (!condition()) return;
        clearTimeout(timer);
        resolve();
      };
      wake();
    });
  return { path, names, directory, until };
}

function mountNamespace(t: TestContext, path: string): void {
  writeFileSync(path, '');
  run('mount', '--bind', '/proc/self/ns/net', path);
  t.after(() => run('sh', '-c', 'umount "$0" 2>/dev/null || true', path));
}

function unmountNamespace(path: string): void {
  run('umount', path);
  rmSync(path);
}

test('a directory that comes, goes and comes again is followed', async (t) => {
  const { path, names, until } = watchNew(t);
  for (let round = 0; round < 2; round++) {
    mkdirSync(path);
    const file = join(path, `n${round}`);
    mountNamespace(t, file);
    await until(() => names.has(`n${round}`));
    unmountNamespace(file);
    await until(() => names.size === 0);
    rmdirSync(path);
  }
});

test('a name is found although its namespace is mounted long after its file was made', async (t) => {
  const { path, names, until } = watchNew(t);
  mkdirSync(path);
  const file = join(path, 'slow');
  writeFileSync(file, '');
  run('sleep', '0.3');
  mountNamespace(t, file);
  await until(() => names.has('slow'));
  unmountNamespace(file);
  await until(() => names.size === 0);
});

test('a file that is no namespace is none, and no problem', async (t) => {
  const { path, names, directory, until } = watchNew(t);
  mkdirSync(path);
  writeFileSync(join(path, 'stale'), '');
  run('sh', '-c', 'ln -s /nowhere "$0"', join(path, 'dangling'));
  const file = join(path, 'true');
  mountNamespace(t, file);
  await until(() => names.has('true'));
  assert.deepEqual([...names], ['true']);
  assert.equal(directory.unreadable.size, 0);
  unmountNamespace(file);
});

test('a namespace that cannot be taken is told with the cause, until its name goes', async (t) => {
  const parent = mkdtempSync(join(tmpdir(), 'netweir-names-'));
  t.after(() => rmSync(parent, { recursive: true }));
  const file = join(parent, 'full');
  mountNamespace(t, file);
  const cause = new KernelError({ operation: 'open netlink socket', target: '0', errno: 24 });
  const directory = new NamespaceDirectory(parent, {
    appeared: () => {
      throw cause;
    },
    disappeared: () => assert.fail('it never appeared'),
  });
  t.after(() => directory.close());
  directory.start();
  assert.deepEqual([...directory.unreadable], [['full', cause]]);
  unmountNamespace(file);
  const deadline = performance.now() + DEADLINE_MS;
  while (directory.unreadable.size > 0 && performance.now() < deadline) await setTimeout(5);
  assert.equal(directory.unreadable.size, 0);
});
