import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { Config, NetweirError } from '@netweir/api';
import { ConfigWatch } from './watch.ts';

async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`${what}: not within 5 s`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function follow(t: TestContext): {
  path: string;
  watch: ConfigWatch;
  changes: Config[];
  problems: NetweirError[];
} {
  const folder = mkdtempSync(join(tmpdir(), 'netweir-config-'));
  const path = join(folder, 'config.json5');
  const changes: Config[] = [];
  const problems: NetweirError[] = [];
  const watch = new ConfigWatch({
    files: [{ path, needed: false }],
    config: {},
    onChange: (config) => void changes.push(config),
    onProblem: (error) => void problems.push(error),
  });
  t.after(() => {
    watch[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  });
  return { path, watch, changes, problems };
}

const ON = { containers: { labels: { enabled: false } } };

describe('a configuration that is followed', () => {
  test('is told when its file appears, is replaced and goes away', async (t) => {
    const { path, changes, problems } = follow(t);
    writeFileSync(path, JSON.stringify(ON));
    await until('it appears', () => changes.length === 1);
    writeFileSync(`${path}.new`, '{ rules: {} }');
    renameSync(`${path}.new`, path);
    await until('it is replaced', () => changes.length === 2);
    rmSync(path);
    await until('it goes away', () => changes.length === 3);
    assert.deepEqual(changes, [ON, { rules: {} }, {}]);
    assert.deepEqual(problems, []);
  });

  test('stays as it was where the file is broken, which is told once', async (t) => {
    const { path, watch, changes, problems } = follow(t);
    writeFileSync(path, '{ rules: 1 }');
    await until('it is told', () => problems.length === 1);
    watch.reload();
    assert.equal(problems.length, 1);
    assert.match(problems[0]?.message ?? '', /config\.json5:1:3: rules: /u);
    writeFileSync(path, JSON.stringify(ON));
    await until('it is mended', () => changes.length === 1);
    assert.deepEqual(changes, [ON]);
  });

  test('is read at once when that is asked for', (t) => {
    const { path, watch, changes } = follow(t);
    writeFileSync(path, JSON.stringify(ON));
    watch.reload();
    assert.deepEqual(changes, [ON]);
    watch.reload();
    assert.equal(changes.length, 1);
  });
});
