import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { holdDaemonLock } from './daemon-lock.ts';

const NOBODY = 65_534;

test('who may not write the state directory, or make it, is told that it is not permitted', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'netweir-lock-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const own = process.geteuid?.() ?? 0;
  process.seteuid?.(NOBODY);
  try {
    for (const path of [directory, join(directory, 'state')]) {
      assert.throws(() => holdDaemonLock(path), { code: 'not-permitted' });
    }
  } finally {
    process.seteuid?.(own);
  }
});
