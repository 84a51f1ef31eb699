import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';

// What every other test of this level takes for granted.
describe('the kernel VM', () => {
  test('has a kernel with netem, which delays packets', () => {
    execFileSync('tc', ['qdisc', 'add', 'dev', 'lo', 'root', 'netem', 'delay', '20ms']);
    try {
      const ping = execFileSync('ping', ['-c', '3', '-i', '0.2', '127.0.0.1'], {
        encoding: 'utf8',
      });
      const fastestMs = Number(/= ([\d.]+)\//.exec(ping)?.[1]);
      // there and back; a virtual machine may add any time, but never take some away
      assert.ok(fastestMs >= 39.5, ping);
    } finally {
      execFileSync('tc', ['qdisc', 'del', 'dev', 'lo', 'root']);
    }
  });
});
