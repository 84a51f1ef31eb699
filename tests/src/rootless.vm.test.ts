import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { ImpairmentReport, Inventory } from '@netweir/api';
import { NETWEIR } from './support/daemon.ts';

/** As rootless Podman has it: a process that keeps the user namespace, and another inside as a container. */
const UID = 4242;
const AS_USER = [`--reuid=${UID}`, `--regid=${UID}`, '--clear-groups'];
const ends: (() => Promise<void>)[] = [];
let folder: string;
let container: number;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'netweir-rootless-'));
  ends.push(async () => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'libpod', 'tmp'), { recursive: true });
  mkdirSync(join(folder, 'state'));
  chmodSync(folder, 0o755);
  execFileSync('chown', ['-R', `${UID}:${UID}`, folder]);
  const pause = await inside('setpriv', ...AS_USER, 'unshare', '-Urm', 'sleep', '300');
  writeFileSync(join(folder, 'libpod', 'tmp', 'pause.pid'), `${pause}`);
  const enter = ['-t', `${pause}`, '--user', '--mount', '--preserve-credentials'];
  container = await inside(
    'setpriv',
    ...[...AS_USER, 'nsenter', ...enter, 'unshare', '-n', 'sleep', '300'],
  );
  ip('link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
  ip('link', 'set', 'v0', 'up');
});

after(async () => {
  for (const end of ends.reverse()) await end();
});

/** Starts a program that becomes `sleep`, and resolves with its number once it has. */
async function inside(command: string, ...args: string[]): Promise<number> {
  const child = spawn(command, args, { stdio: 'ignore' });
  const exit = once(child, 'exit');
  ends.push(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  const pid = child.pid ?? 0;
  for (let waited = 0; waited < 5000; waited++) {
    if (readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'sleep') return pid;
    await setTimeout(2);
  }
  throw new Error(`${command} did not start its program`);
}

function ip(...args: string[]): string {
  return execFileSync('nsenter', ['-t', `${container}`, '-n', 'ip', ...args], { encoding: 'utf8' });
}

/** netweir as the ordinary user. */
function netweir(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    XDG_RUNTIME_DIR: folder,
    XDG_STATE_HOME: join(folder, 'state'),
  };
  const line = [...AS_USER, process.execPath, NETWEIR, ...args];
  return spawnSync('setpriv', line, { encoding: 'utf8', env });
}

const rootQdisc = (): string =>
  execFileSync(
    'nsenter',
    ['-t', `${container}`, '-n', 'tc', 'qdisc', 'show', 'dev', 'v0', 'root'],
    {
      encoding: 'utf8',
    },
  );

test('an ordinary user sees its rootless containers, and is told what it does not see', () => {
  const { stdout, stderr, status } = netweir('ls', '--json');
  assert.equal(status, 0, stderr);
  const { spaces } = JSON.parse(stdout) as Inventory;
  assert.ok(!spaces.some(({ id }) => id === 'host'), stdout);
  const found = spaces.find(({ id }) => id === `pid:${container}`);
  assert.ok(
    found?.interfaces.some(({ name }) => name === 'v0'),
    stdout,
  );
  assert.match(stderr, /the host's own interfaces .* need root/);
  // The one who keeps the user namespace is in the host's network, which nobody here may enter.
  assert.doesNotMatch(stderr, /cannot be read/);
});

test('an ordinary user impairs its rootless container, and clears it', () => {
  const before = rootQdisc();
  const set = netweir('set', `pid:${container}/v0`, '--delay', '20ms', '--json');
  assert.equal(set.status, 0, set.stderr);
  const [report] = JSON.parse(set.stdout) as ImpairmentReport[];
  assert.equal(report?.egressMechanism, 'netem');
  assert.match(rootQdisc(), /netem .* delay 20ms/);
  const clear = netweir('clear', `pid:${container}/v0`);
  assert.equal(clear.status, 0, clear.stderr);
  assert.equal(rootQdisc(), before);
});

test('an ordinary user is told that the userspace engine is not for it', () => {
  const { status, stderr } = netweir(
    ...['set', `pid:${container}/v0`, '--delay', '20ms', '--ingress', '--engine', 'userspace'],
  );
  assert.equal(status, 4, stderr);
  assert.match(stderr, /an ordinary user may not load BPF programs/);
});

test('what an ordinary user’s container receives is impaired by the kernel all the same', () => {
  const set = netweir('set', `pid:${container}/v0`, '--delay', '20ms', '--ingress');
  assert.equal(set.status, 0, set.stderr);
  assert.match(netweir('show', `pid:${container}/v0`).stdout, /ingress +by netem/);
  const { status, stderr } = netweir('clear', `pid:${container}/v0`);
  assert.equal(status, 0, stderr);
});

test("an ordinary user's command runs in its container, with its exit code", () => {
  const { stdout, status, stderr } = netweir(
    ...['exec', `pid:${container}`, '--', 'sh', '-c', 'ip -br link show v0; exit 9'],
  );
  assert.match(stdout, /^v0@v1 /);
  assert.equal(status, 9, stderr);
});
