import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { isAlive, isOfProcess, newHolder, THIS_PROCESS, tenureOf } from './tenure.ts';

describe('a tenure', () => {
  const holder = newHolder();
  const daemon = { owner: 'daemon', holder } as const;
  const command = { owner: 'command', holder } as const;

  test("a daemon's has a holder unless it persists, a command's only with a lease or an engine", () => {
    const expiresAt = new Date(0);
    assert.equal(tenureOf(daemon, {}, false).holder, holder);
    assert.equal(tenureOf(daemon, { persist: true, expiresAt }, false).holder, undefined);
    assert.equal(tenureOf(command, {}, false).holder, undefined);
    assert.equal(tenureOf(command, { expiresAt }, false).holder, holder);
    assert.equal(tenureOf(command, {}, true).holder, holder);
  });

  test('holders of one process differ, and are known to be of it', () => {
    assert.notEqual(newHolder(), holder);
    assert.ok(isOfProcess(THIS_PROCESS, holder));
    assert.ok(!isOfProcess(`${THIS_PROCESS}0`, holder));
    assert.ok(!isOfProcess(THIS_PROCESS, undefined));
  });

  test('a process lives until it has ended, whoever has its number afterwards', async () => {
    assert.ok(isAlive(holder));
    assert.ok(!isAlive(`${process.pid}:1:1`));
    const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
    const { pid } = child;
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const held = `${pid}:${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}:1`;
    assert.ok(isAlive(held));
    const ended = once(child, 'exit');
    child.stdin.end();
    await ended;
    assert.ok(!isAlive(held));
  });
});
