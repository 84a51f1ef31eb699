import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { until } from '../engine/fake-engine.test-support.ts';
import { PathWatcher } from './path-watcher.ts';

/** Follows a pattern below a folder of its own. */
class Fixture {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'netweir-paths-'));
  readonly found: Set<string> = new Set();
  heard = 0;
  readonly #watcher: PathWatcher;

  constructor(pattern: string, prepare: (folder: string) => void = () => undefined) {
    prepare(this.folder);
    this.#watcher = new PathWatcher(join(this.folder, pattern), (path, there) => {
      this.heard += 1;
      if (there) this.found.add(path.slice(this.folder.length + 1));
      else this.found.delete(path.slice(this.folder.length + 1));
    });
  }

  write(path: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), '');
  }

  async has(...paths: string[]): Promise<void> {
    await until(
      () => [...this.found].sort().join() === paths.join(),
      () => `${[...this.found]}`,
    );
  }

  [Symbol.dispose](): void {
    this.#watcher.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

test('what is there at the start is told at once', () => {
  using fixture = new Fixture('user/*/a.sock', (folder) => {
    mkdirSync(join(folder, 'user/7'), { recursive: true });
    writeFileSync(join(folder, 'user/7/a.sock'), '');
  });
  assert.deepEqual([...fixture.found], ['user/7/a.sock']);
});

test('paths are followed whose folders come later, and go, and come again', async () => {
  using fixture = new Fixture('user/*/podman/a.sock');
  fixture.write('user/7/podman/a.sock');
  fixture.write('user/8/podman/a.sock');
  fixture.write('user/8/podman/other');
  await fixture.has('user/7/podman/a.sock', 'user/8/podman/a.sock');
  rmSync(join(fixture.folder, 'user/7'), { recursive: true });
  await fixture.has('user/8/podman/a.sock');
  renameSync(join(fixture.folder, 'user'), join(fixture.folder, 'elsewhere'));
  await fixture.has();
  fixture.write('user/9/podman/a.sock');
  await fixture.has('user/9/podman/a.sock');
});

test('a file that is made again is told again, and others are not', async () => {
  using fixture = new Fixture('a.sock');
  fixture.write('a.sock');
  await fixture.has('a.sock');
  const { heard } = fixture;
  rmSync(join(fixture.folder, 'a.sock'));
  fixture.write('b.sock');
  fixture.write('a.sock');
  await until(() => fixture.heard > heard);
  await fixture.has('a.sock');
});
