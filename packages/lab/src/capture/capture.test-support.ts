import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { isInitialUserNamespace } from '@netweir/kernel';

/** A path that is free until the test ends. */
export function captureFile(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'netweir-capture-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return join(directory, 'capture.pcapng');
}

/** What tcpdump reads in a file: a line for each packet, with its time first. */
export function tcpdump(path: string, ...args: string[]): string[] {
  // It wants to be another user than root, which root of a user namespace cannot be, nor is in a second one.
  const command = isInitialUserNamespace() ? ['tcpdump'] : ['unshare', '--user', 'tcpdump'];
  const [program = '', ...before] = command;
  const text = execFileSync(program, [...before, '-nn', '-tt', ...args, '-r', path], {
    encoding: 'utf8',
    stdio: 'pipe',
    maxBuffer: 1 << 28,
  });
  return text.trim().split('\n').filter(Boolean);
}
