import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isNetweirError } from '@netweir/api';
import type { Line } from './entry.ts';
import { Journal } from './journal.ts';

/** A file system of so many bytes, which is full soon. */
function makeSmallDisk(t: TestContext, bytes: number): { directory: string; path: string } {
  const directory = mkdtempSync(join(tmpdir(), 'netweir-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'netweir-test', directory]);
  t.after(() => {
    execFileSync('umount', [directory]);
    rmSync(directory, { recursive: true });
  });
  return { directory, path: join(directory, 'journal.ndjson') };
}

function touched(id: number): Line {
  return {
    type: 'touched',
    id,
    place: {
      bootId: 'b',
      space: 'host',
      namespaceDevice: 4,
      namespaceInode: 5,
      ifindex: 2,
      interface: 'eth0',
    },
    original: { description: 'x'.repeat(1000), qdiscs: [], classes: [] },
    setting: {
      egress: { delay: { mean: '1ms' } },
      ingress: null,
      rules: [],
      addresses: {},
      expiresAt: null,
      owner: 'daemon',
    },
    slots: [],
  };
}

const isFull = (error: unknown): boolean =>
  isNetweirError(error) && error.code === 'journal-failed' && error.message.includes('ENOSPC');

test('a line that does not fit on the disk leaves no half of itself', (t) => {
  const { directory, path } = makeSmallDisk(t, 8192);
  const journal = new Journal(directory);
  let written = 0;
  const fill = (): void =>
    journal.transaction((transaction) => {
      for (;;) {
        transaction.write(touched(written + 1));
        written++;
      }
    });
  assert.throws(fill, isFull);
  assert.ok(written > 0);
  journal.transaction((transaction) => {
    assert.throws(() => transaction.write(touched(99)), isFull);
    transaction.write({ type: 'restored', id: 1, outcome: 'original' });
  });
  assert.equal(journal.entries().length, written - 1);
  assert.ok(readFileSync(path, 'utf8').endsWith('\n'));
});

test('a compaction that does not fit on the disk leaves the journal as it was', (t) => {
  const { directory, path } = makeSmallDisk(t, 16_384);
  new Journal(directory);
  const lines = Array.from({ length: 9 }, (_, index) => `${JSON.stringify(touched(index + 1))}\n`);
  writeFileSync(path, lines.join(''));
  assert.ok(statSync(path).size > 8192);
  assert.throws(() => new Journal(directory), isFull);
  assert.equal(readFileSync(path, 'utf8'), lines.join(''));
});
