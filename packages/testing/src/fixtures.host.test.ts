import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const NODE_MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url));

const BUILD = `(lab) => {
  const home = lab.router('home');
  const [laptop, server] = ['laptop', 'server'].map((name) => lab.device(name, { uplink: home }));
  return { lab, laptop, server };
}`;
/** Bodies of tests, the same for all runners; the programs that they leave have an argument to know them by. */
const passing = `async ({ laptop, server }) => {
  const ping = laptop.spawn('ping', ['-c1', '-W1', server.ipv4], { stdio: 'ignore' });
  const [code] = await once(ping, 'exit');
  if (code !== 0) throw new Error('no answer');
}`;
const failing = (mark: string) => `async ({ laptop }) => {
  laptop.spawn('sleep', ['${mark}'], { stdio: 'ignore' });
  laptop.linkDown('eth0');
  throw new Error('on purpose');
}`;
const endless = (mark: string) => `async ({ laptop, server }) => {
  server.spawn('sh', ['-c', 'setsid sleep ${mark} & sleep ${mark}'], { stdio: 'ignore' });
  laptop.setDefaultRoute('eth0');
  await new Promise(() => {});
}`;

interface Runner {
  /** The source of a file of tests. */
  readonly file: (tests: { name: string; body: string; timeoutMs?: number }[]) => string;
  readonly command: (path: string) => readonly string[];
  /** What it says of one that passed and two that did not. */
  readonly outcome: RegExp;
}

const imports = `import { once } from 'node:events';\n`;

const RUNNERS: Record<string, Runner> = {
  'node:test': {
    file: (tests) =>
      `${imports}import { labTests } from '@netweir/testing/node';
      const labTest = labTests(${BUILD});
      ${tests.map(({ name, body, timeoutMs }) => `labTest('${name}', { timeout: ${timeoutMs ?? 20_000} }, ${body});`).join('\n')}`,
    command: (path) => ['--test', '--test-reporter=spec', path],
    outcome: /pass 1\b[\s\S]*fail 1\b[\s\S]*cancelled 1\b/,
  },
  Vitest: {
    file: (tests) =>
      `${imports}import { test } from 'vitest';
      import { labFixture } from '@netweir/testing/vitest';
      const labTest = test.extend({ net: labFixture(${BUILD}) });
      ${tests.map(({ name, body, timeoutMs }) => `labTest('${name}', { timeout: ${timeoutMs ?? 20_000} }, ({ net }) => (${body})(net));`).join('\n')}`,
    command: (path) => [join(NODE_MODULES, 'vitest/vitest.mjs'), 'run', '--root', join(path, '..')],
    outcome: /2 failed \| 1 passed/,
  },
  Jest: {
    file: (tests) =>
      `${imports}import { labTests } from '@netweir/testing/jest';
      const labTest = labTests(${BUILD});
      ${tests.map(({ name, body, timeoutMs }) => `labTest('${name}', ${body}, ${timeoutMs ?? 20_000});`).join('\n')}`,
    command: (path) => [
      ...['--experimental-vm-modules', join(NODE_MODULES, 'jest/bin/jest.js')],
      ...['--rootDir', join(path, '..'), '--testMatch', '**/*.test.mjs'],
      ...['--cacheDirectory', join(path, '../jest')],
      ...['--config', '{"transform":{},"moduleFileExtensions":["mjs","js"]}', '--ci'],
    ],
    outcome: /2 failed, 1 passed/,
  },
};

/** The processes that have a word on their command line. */
function running(word: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
      return words[0] === 'sleep' && words.includes(word);
    } catch {
      return false;
    }
  });
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, what);
    await setTimeout(10);
  }
}

/** Runs a file of tests; what it prints is told at its end. */
function start(t: TestContext, { file, command }: Runner, tests: Parameters<Runner['file']>[0]) {
  const folder = mkdtempSync(join(tmpdir(), 'netweir-testing-'));
  t.after(() => rmSync(folder, { recursive: true }));
  symlinkSync(NODE_MODULES, join(folder, 'node_modules'));
  const path = join(folder, 'net.test.mjs');
  writeFileSync(path, file(tests));
  // Otherwise node's own runner takes the run for a part of this one.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child: ChildProcess = spawn(process.execPath, command(path), {
    cwd: folder,
    env: { ...env, CI: 'true', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (it) => chunks.push(it));
  const closed = once(child, 'close');
  return {
    child,
    output: async () => {
      await closed;
      return Buffer.concat(chunks).toString();
    },
  };
}

for (const [name, runner] of Object.entries(RUNNERS)) {
  describe(`Labs as fixtures of ${name}`, () => {
    const mark = `7${process.pid}${name.length}`;

    test('a test that fails or runs out of time tells of its lab, and leaves nothing', async (t) => {
      const { output } = start(t, runner, [
        { name: 'passes', body: passing },
        { name: 'fails', body: failing(mark) },
        { name: 'ends never', body: endless(mark), timeoutMs: 500 },
      ]);
      const text = await output();
      assert.match(text, runner.outcome, text);
      assert.match(text, /on purpose/);
      assert.match(text, /laptop \(device by eth0\)/, text);
      assert.match(text, /eth0 -> home DOWN/);
      assert.match(text, /link-down laptop\/eth0/);
      assert.match(text, /default-route-changed laptop\/eth0/);
      assert.deepEqual(running(mark), []);
    });

    test('a run that is killed leaves nothing', async (t) => {
      const { child, output } = start(t, runner, [
        { name: 'ends never', body: endless(`${mark}9`), timeoutMs: 60_000 },
      ]);
      await until(() => running(`${mark}9`).length === 2, 'the programs run');
      process.kill(-(child.pid ?? 0), 'SIGKILL');
      await output();
      await until(() => running(`${mark}9`).length === 0, 'the programs have ended');
    });
  });
}

test('tests of one file run at the same time, each in a lab of its own', async (t) => {
  const body = `async ({ laptop }) => { if (laptop.ipv4 !== '198.19.1.2') throw new Error(laptop.ipv4); }`;
  const { 'node:test': runner } = RUNNERS;
  assert.ok(runner);
  const many = Array.from({ length: 8 }, (_, index) => ({ name: `peer ${index}`, body }));
  const atOnce: Runner = {
    ...runner,
    file: (tests) => runner.file(tests).replaceAll('{ timeout:', '{ concurrency: true, timeout:'),
  };
  assert.match(await start(t, atOnce, many).output(), /pass 8\b/);
});
