import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { isNetweirError } from '@netweir/api';
import type { Line, RootEntry } from './entry.ts';
import { Journal } from './journal.ts';

const MODULE = new URL('./journal.js', import.meta.url).href;

const place: RootEntry['place'] = {
  bootId: 'b',
  space: 'host',
  namespaceDevice: 4,
  namespaceInode: 4026531840,
  ifindex: 2,
  interface: 'eth0',
};
const original: RootEntry['original'] = { description: 'default', qdiscs: [], classes: [] };
const setting: RootEntry['setting'] = {
  egress: { delay: { mean: '100ms' } },
  ingress: null,
  rules: [],
  addresses: {},
  expiresAt: '2030-01-01T00:00:00.000Z',
  owner: 'command',
};
const other: RootEntry['setting'] = { ...setting, egress: { delay: { mean: '1ms' } } };

function touched(id: number): Line {
  return { type: 'touched', id, place, original, setting, slots: [] };
}

function restored(id: number): Line {
  return { type: 'restored', id, outcome: 'original' };
}

function makeDirectory(t: TestContext): { directory: string; path: string } {
  const directory = mkdtempSync(join(tmpdir(), 'netweir-journal-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return { directory, path: join(directory, 'journal.ndjson') };
}

function write(journal: Journal, ...lines: Line[]): void {
  journal.transaction((transaction) => {
    for (const line of lines) transaction.write(line);
  });
}

function refusal(action: () => unknown) {
  try {
    action();
  } catch (error) {
    assert.ok(isNetweirError(error), String(error));
    return error;
  }
  return assert.fail('nothing was refused');
}

describe('Journal', () => {
  test('open entries survive in another process, with their last setting', (t) => {
    const { directory } = makeDirectory(t);
    write(new Journal(directory), touched(1), touched(2), touched(3), restored(2), {
      type: 'changed',
      id: 3,
      setting: other,
      slots: [],
    });
    const script = `const { Journal } = await import('${MODULE}');
      process.stdout.write(JSON.stringify(new Journal('${directory}').entries()));`;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script]);
    const entries = JSON.parse(output.toString()).map(({ type: _, ...entry }: Line) => entry);
    assert.deepEqual(entries, [
      { kind: 'root', id: 1, place, original, setting, slots: [] },
      { kind: 'root', id: 3, place, original, setting: other, slots: [] },
    ]);
  });

  test('a line is in the file before the action goes on', (t) => {
    const { directory, path } = makeDirectory(t);
    const journal = new Journal(directory);
    journal.transaction((transaction) => {
      transaction.write(touched(1));
      assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), touched(1));
      assert.equal(transaction.entries.size, 1);
      transaction.write(restored(1));
      assert.equal(readFileSync(path, 'utf8').split('\n').length, 3);
      assert.equal(transaction.entries.size, 0);
    });
  });

  test('a new identity is one that no open entry has', (t) => {
    const { directory } = makeDirectory(t);
    const journal = new Journal(directory);
    write(journal, touched(4), touched(9), restored(9));
    assert.equal(
      journal.transaction((transaction) => transaction.nextId()),
      5,
    );
  });

  test('what another one wrote or compacted is seen by one that has read it before', (t) => {
    const { directory } = makeDirectory(t);
    const [one, another] = [new Journal(directory), new Journal(directory)];
    write(one, touched(1));
    assert.deepEqual(idsOf(another), [1]);
    write(another, restored(1), touched(2));
    assert.deepEqual(idsOf(one), [2]);
    write(new Journal(directory), touched(3));
    assert.deepEqual(
      [idsOf(one), idsOf(another)],
      [
        [2, 3],
        [2, 3],
      ],
    );
  });

  test('a last line that was cut off is passed over, and what follows stays readable', (t) => {
    const { directory, path } = makeDirectory(t);
    const journal = new Journal(directory);
    write(journal, touched(1));
    appendFileSync(path, JSON.stringify(touched(2)).slice(0, 40));
    assert.deepEqual(idsOf(journal), [1]);
    write(journal, touched(3));
    assert.deepEqual(idsOf(new Journal(directory)), [1, 3]);
  });

  for (const [name, line] of [
    ['is no JSON', '{"type":"touched",'],
    ['lacks a field', '{"type":"restored","id":1}'],
    ['is empty', ''],
  ] as const) {
    test(`a line that ${name} fails with its number and changes nothing`, (t) => {
      const { directory, path } = makeDirectory(t);
      const journal = new Journal(directory);
      const [first, third] = [touched(1), touched(2)].map((one) => JSON.stringify(one));
      const text = `${first}\n${line}\n${third}\n`;
      writeFileSync(path, text);
      for (const action of [() => journal.entries(), () => new Journal(directory)]) {
        const error = refusal(action);
        assert.equal(error.code, 'journal-failed');
        assert.match(error.message, /line 2 of the journal/);
        assert.ok(error.message.includes(path));
        assert.ok(error.remedy);
      }
      assert.equal(readFileSync(path, 'utf8'), text);
    });
  }

  test('a line of another version is no matter once its entry is restored, and is until then', (t) => {
    const { directory, path } = makeDirectory(t);
    const foreign = '{"type":"hooked","id":1,"place":{},"setting":{"egress":null}}\n';
    const closed = `${JSON.stringify(restored(1))}\n`;
    writeFileSync(path, `${foreign}${JSON.stringify(touched(2))}\n`);
    assert.match(refusal(() => new Journal(directory)).message, /line 1 of the journal/u);
    writeFileSync(path, `${foreign}${JSON.stringify(touched(2))}\n${closed}`);
    assert.deepEqual(idsOf(new Journal(directory)), [2]);
    writeFileSync(path, `${closed}${foreign}`);
    assert.match(refusal(() => new Journal(directory)).message, /line 2 of the journal/u);
  });

  test('it is compacted to what is open when it is opened and when it has grown', (t) => {
    const { directory, path } = makeDirectory(t);
    const journal = new Journal(directory);
    write(journal, touched(1), touched(2), restored(1));
    assert.deepEqual(idsOf(new Journal(directory)), [2]);
    assert.equal(linesOf(path), 1);
    const changed: Line = { type: 'changed', id: 2, setting, slots: [] };
    while (statSync(path).size <= 65_536) write(journal, changed, changed, changed, changed);
    assert.deepEqual(idsOf(journal), [2]);
    assert.equal(linesOf(path), 1);
  });

  test('a long journal that is all in force is not written anew for each look', (t) => {
    const { directory, path } = makeDirectory(t);
    const journal = new Journal(directory);
    const many = Array.from({ length: 300 }, (_, index) => touched(index + 1));
    writeFileSync(path, many.map((line) => `${JSON.stringify(line)}\n`).join(''));
    assert.ok(statSync(path).size > 65_536);
    const { ino } = statSync(path);
    assert.equal(journal.entries().length, 300);
    assert.equal(statSync(path).ino, ino);
  });

  test('only its owner may read it', (t) => {
    const { directory, path } = makeDirectory(t);
    write(new Journal(join(directory, 'new')), touched(1));
    assert.equal(statSync(join(directory, 'new')).mode & 0o777, 0o700);
    assert.equal(
      statSync(path.replace('journal.ndjson', 'new/journal.ndjson')).mode & 0o777,
      0o600,
    );
  });

  test('two processes that write at once lose no line', async (t) => {
    const { directory } = makeDirectory(t);
    const perProcess = 100;
    const script = `const { Journal } = await import('${MODULE}');
      const journal = new Journal('${directory}');
      const line = ${JSON.stringify(touched(0))};
      for (let i = 0; i < ${perProcess}; i++) {
        journal.transaction((one) => one.write({ ...line, id: one.nextId() }));
      }`;
    const children = [1, 2].map(() =>
      spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' }),
    );
    const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));
    assert.deepEqual(codes, [0, 0]);
    assert.equal(new Journal(directory).entries().length, 2 * perProcess);
  });

  test('a directory that cannot be made is journal-failed, with a remedy', (t) => {
    const { directory } = makeDirectory(t);
    writeFileSync(join(directory, 'file'), '');
    const error = refusal(() => new Journal(join(directory, 'file', 'state')));
    assert.equal(error.code, 'journal-failed');
    assert.match(error.remedy ?? '', /NETWEIR_STATE/);
  });

  test('a directory that went away is journal-failed before the action runs', (t) => {
    const { directory } = makeDirectory(t);
    const gone = join(directory, 'state');
    const journal = new Journal(gone);
    rmSync(gone, { recursive: true });
    let ran = false;
    const error = refusal(() =>
      journal.transaction(() => {
        ran = true;
      }),
    );
    assert.equal(error.code, 'journal-failed');
    assert.ok(!ran);
  });

  test('what an action throws comes through as it is', (t) => {
    const { directory } = makeDirectory(t);
    const failure = new Error('of the action');
    const fail = (): never => {
      throw failure;
    };
    assert.throws(
      () => new Journal(directory).transaction(fail),
      (error) => error === failure,
    );
  });

  test('each line is synced before the action goes on', (t) => {
    if (spawnSync('strace', ['-V']).status !== 0) return t.skip('there is no strace');
    const { directory } = makeDirectory(t);
    const script = `const { Journal } = await import('${MODULE}');
      new Journal('${directory}').transaction((one) => {
        one.write(${JSON.stringify(touched(1))});
        process.chdir('${directory}');
      });`;
    const { stderr } = spawnSync(
      'strace',
      ['-f', '-y', '-e', 'trace=write,fsync,chdir', process.execPath, '--input-type=module'].concat(
        '-e',
        script,
      ),
      { encoding: 'utf8' },
    );
    if (stderr.includes('PTRACE')) return t.skip('nothing may be traced here');
    const written = stderr.indexOf('{\\"type\\":\\"touched\\"');
    const synced = stderr.indexOf(`fsync(`, written);
    assert.ok(written >= 0 && synced > written, stderr);
    assert.ok(stderr.slice(synced).split('\n')[0]?.includes('journal.ndjson'), stderr);
    assert.ok(stderr.indexOf('chdir(') > synced, stderr);
  });
});

function idsOf(journal: Journal): number[] {
  return journal.entries().map(({ id }) => id);
}

function linesOf(path: string): number {
  return readFileSync(path, 'utf8').split('\n').length - 1;
}
