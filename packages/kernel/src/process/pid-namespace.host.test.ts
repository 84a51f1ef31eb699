import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { PidNamespace } from './pid-namespace.ts';

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function ended(pid: number): Promise<void> {
  const deadline = Date.now() + 2000;
  while (isRunning(pid)) {
    assert.ok(Date.now() < deadline, `process ${pid} is still there`);
    await setTimeout(5);
  }
}

/** Ids on the host of the processes whose command line holds `mark`. */
async function idsOf(mark: string, count: number): Promise<number[]> {
  const deadline = Date.now() + 5000;
  for (;;) {
    const pgrep = spawn('pgrep', ['-f', `^sleep ${mark}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const chunks = await pgrep.stdout.toArray();
    const ids = chunks.join('').split('\n').filter(Boolean).map(Number);
    if (ids.length === count) return ids;
    assert.ok(Date.now() < deadline, `${ids.length} of ${count} processes`);
    await setTimeout(10);
  }
}

test('programs start inside, and this thread stays outside', async () => {
  await using namespace = new PidNamespace();
  const home = readlinkSync('/proc/self/ns/pid');
  const child = namespace.run(() =>
    spawn('readlink', ['/proc/self/ns/pid'], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  const inside = (await child.stdout.toArray()).join('').trim();
  assert.match(inside, /^pid:/);
  assert.notEqual(inside, home);
  assert.equal(readlinkSync('/proc/thread-self/ns/pid_for_children'), home);
});

test('closing it ends programs with all that they started', async () => {
  const mark = `1000.${process.pid}1`;
  const namespace = new PidNamespace();
  const script = `setsid sleep ${mark} & sleep ${mark}`;
  const child = namespace.run(() => spawn('sh', ['-c', script], { stdio: 'ignore' }));
  const exit = once(child, 'exit');
  const ids = await idsOf(mark, 2);
  await namespace.close();
  assert.deepEqual(await exit, [null, 'SIGKILL']);
  assert.deepEqual(ids.filter(isRunning), []);
  await namespace.close();
});

test('nothing in it survives a killed process', async () => {
  const mark = `1000.${process.pid}2`;
  const script = `
    import { spawn, spawnSync } from 'node:child_process';
    import { PidNamespace } from ${JSON.stringify(new URL('./pid-namespace.js', import.meta.url).href)};
    const namespace = new PidNamespace();
    namespace.run(() => spawn('sh', ['-c', 'setsid sleep ${mark} & sleep ${mark}'], { stdio: 'ignore' }));
    setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script]);
  const ids = await idsOf(mark, 2);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  for (const pid of ids) await ended(pid);
});

test('what is left orphaned in it is no zombie once it has ended', async () => {
  await using namespace = new PidNamespace();
  const [, init = ''] = /^\/proc\/(\d+)\//.exec(namespace.path) ?? [];
  const childrenOfInit = () =>
    spawnSync('ps', ['-o', 'stat=', '--ppid', init], { encoding: 'utf8' }).stdout;
  const script = '(sleep 0.2 &) ; echo started';
  namespace.run(() => spawn('sh', ['-c', script], { stdio: 'ignore' }));
  const deadline = Date.now() + 5000;
  while (childrenOfInit() === '') assert.ok(Date.now() < deadline);
  while (childrenOfInit() !== '') assert.ok(Date.now() < deadline);
});

test('its first process has a name, and soon no descriptor but one', async () => {
  await using namespace = new PidNamespace();
  const folder = namespace.path.replace('/ns/pid', '');
  const linkOf = (fd: string) => readlinkSync(`${folder}/fd/${fd}`);
  const deadline = Date.now() + 2000;
  while (readdirSync(`${folder}/fd`).length > 1) assert.ok(Date.now() < deadline);
  assert.match(readdirSync(`${folder}/fd`).map(linkOf).join(), /^pipe:/);
  assert.equal(readFileSync(`${folder}/comm`, 'utf8'), 'netweir-init\n');
  assert.equal(readlinkSync(`${folder}/cwd`), '/');
});

test('it ends with the thread that made it', async () => {
  const script = `
    const { workerData } = require('node:worker_threads');
    import(workerData).then(({ PidNamespace }) => {
      require('node:worker_threads').parentPort.postMessage(new PidNamespace().path);
    });`;
  const module = new URL('./pid-namespace.js', import.meta.url).href;
  const worker = new Worker(script, { eval: true, workerData: module });
  const [path] = await once(worker, 'message');
  await worker.terminate();
  await ended(Number(path.split('/')[2]));
});

test('an unused one keeps no process alive', async () => {
  const script = `
    import { PidNamespace } from ${JSON.stringify(new URL('./pid-namespace.js', import.meta.url).href)};
    new PidNamespace();`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script]);
  assert.deepEqual(await once(holder, 'exit'), [0, null]);
});
