import assert from 'node:assert/strict';
import { closeSync, readSync, writeSync } from 'node:fs';
import { test } from 'node:test';
import { openLifeline } from './lifeline.ts';

test('a lifeline ends with its writing descriptor, whose number is above those of others', () => {
  const { readFd, writeFd } = openLifeline();
  const buffer = Buffer.alloc(8);
  try {
    assert.ok(writeFd >= 1000, `${writeFd}`);
    writeSync(writeFd, 'word');
    assert.equal(readSync(readFd, buffer), 4);
    closeSync(writeFd);
    assert.equal(readSync(readFd, buffer), 0);
  } finally {
    closeSync(readFd);
  }
});
