import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';

const MODULE = new URL('./exec-as-root.js', import.meta.url).href;
const NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups'];

/** Runs a shell script as nobody's own root; what started it says how it ended. */
function run(t: TestContext, script: string): ChildProcess & { output: () => Promise<string> } {
  const code = `
    import { runAsRoot } from ${JSON.stringify(MODULE)};
    const argv = ['sh', '-c', process.argv[1]];
    const status = await runAsRoot({ path: '/bin/sh', argv, environment: { PATH: process.env.PATH } });
    console.log(JSON.stringify(status));`;
  const args = [...NOBODY, process.execPath, '--input-type=module', '-e', code, script];
  const child = spawn('setpriv', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  const closed = once(child, 'close');
  return Object.assign(child, {
    output: async () => {
      await closed;
      return Buffer.concat(chunks).toString().trim();
    },
  });
}

/** The processes whose command line holds a text. */
function running(mark: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(mark);
    } catch {
      return false;
    }
  });
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, what);
    await setTimeout(5);
  }
}

test('An ordinary user is root of namespaces of its own, with this standard input and output', async (t) => {
  const child = run(
    t,
    'id -u; cat /proc/self/uid_map; ip -br link; unshare --net true && cat; exit 7',
  );
  child.stdin?.end('from outside\n');
  const lines = (await child.output()).split('\n').map((line) => line.trim().replace(/\s+/g, ' '));
  assert.deepEqual(
    [...lines.slice(0, 2), lines[2]?.split(' ')[0], ...lines.slice(3)],
    ['0', '0 65534 1', 'lo', 'from outside', '{"code":7}'],
  );
});

test('A signal ends it as it would outside, unless it has a handler', async (t) => {
  const mark = `90${process.pid}`;
  const plain = run(t, `sleep ${mark}; true`);
  await until(() => running(`sleep\0${mark}`).length === 1, 'the program runs');
  plain.kill('SIGTERM');
  assert.equal(await plain.output(), '{"signal":15}');
  assert.deepEqual(running(`sleep\0${mark}`), []);
  const handling = run(t, `trap 'echo handled; exit 3' TERM; echo; while :; do sleep 0.01; done`);
  await once(handling.stdout ?? handling, 'data');
  handling.kill('SIGTERM');
  assert.equal(await handling.output(), 'handled\n{"code":3}');
});

test('It and all that it starts ends with this process, also by kill -9', async (t) => {
  const mark = `91${process.pid}`;
  const child = run(t, `setsid sleep ${mark} & sleep ${mark}; true`);
  await until(() => running(`sleep\0${mark}`).length === 2, 'both programs run');
  child.kill('SIGKILL');
  await until(() => running(mark).length === 0, 'all have ended');
});

test('Where there may be no more user namespaces it says so', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'netweir-as-root-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'run.mjs');
  writeFileSync(
    file,
    `import { runAsRoot } from ${JSON.stringify(MODULE)};
    await runAsRoot({ path: '/bin/true', argv: ['true'], environment: {} }).catch((error) => console.log(error.errnoName));`,
  );
  const script = `echo 0 > /proc/sys/user/max_user_namespaces; exec ${process.execPath} ${file}`;
  const child = spawn('unshare', ['-Ur', 'sh', '-c', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  assert.equal(Buffer.concat(await child.stdout.toArray()).toString(), 'ENOSPC\n');
});
