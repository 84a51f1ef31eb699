import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../engine/fake-engine.test-support.ts';
import { PathWatcher } from './path-watcher.ts';

test("a user's folder is followed that is mounted on just after it was made, and unmounted", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'netweir-paths-'));
  const user = join(folder, 'user/7');
  const found = new Set<string>();
  mkdirSync(join(folder, 'user'));
  const watcher = new PathWatcher(join(folder, 'user/*/a.sock'), (path, there) => {
    if (there) found.add(path);
    else found.delete(path);
  });
  try {
    mkdirSync(user);
    await new Promise((resolve) => setImmediate(resolve));
    execFileSync('mount', ['-t', 'tmpfs', 'none', user]);
    writeFileSync(join(user, 'a.sock'), '');
    await until(() => found.size === 1);
    assert.deepEqual([...found], [join(user, 'a.sock')]);
    execFileSync('umount', [user]);
    await until(() => found.size === 0);
  } finally {
    watcher.close();
    rmSync(folder, { recursive: true });
  }
});
