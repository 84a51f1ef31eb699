import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Config } from '@netweir/api';
import { start } from './support/command.ts';
import { Daemon, NETWEIR, Site } from './support/daemon.ts';
import { linkState, TestNamespace, tcState, until } from './support/witness.ts';

const RATE = { egress: { rate: { rate: '8mbit' } } };
const BOTH = { egress: { delay: { mean: '5ms' } }, ingress: { delay: { mean: '5ms' } } };
const DEADLINE_MS = 1000;

interface Stage {
  readonly site: Site;
  readonly namespace: TestNamespace;
  ref(name: string): { space: string; interface: string };
  state(): string;
}

/** A namespace with pairs of veths a0 and b0, a1 and b1. */
function setStage(t: TestContext, label: string, config: Config = {}): Stage {
  const site = new Site({ config });
  const namespace = new TestNamespace(label);
  t.after(() => {
    namespace[Symbol.dispose]();
    site[Symbol.dispose]();
  });
  const names = [0, 1].flatMap((number) => {
    const pair = [`a${number}`, `b${number}`] as const;
    namespace.ip('link', 'add', pair[0], 'type', 'veth', 'peer', 'name', pair[1]);
    for (const name of pair) namespace.ip('link', 'set', name, 'up');
    return pair;
  });
  namespace.tc(...'qdisc add dev a0 root handle 7: pfifo limit 77'.split(' '));
  return {
    site,
    namespace,
    ref: (name) => ({ space: namespace.space, interface: name }),
    state: () =>
      names.map((name) => tcState(namespace.name, name)).join('') + linkState(namespace.name),
  };
}

/** The guardian of a process: another process that names it. */
function guardianOf(pid: number | undefined): number | undefined {
  return readdirSync('/proc')
    .map(Number)
    .filter((one) => one > 0)
    .find((one) => {
      const line = commandLine(one);
      return line.includes('/guardian/main.js') && line.includes(`\0${pid}:`);
    });
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** proc(5): the mask of caught signals, of which SIGHUP is the first; SIGTERM is Node's own before. */
function catchesHangup(pid: number): boolean {
  const mask = /^SigCgt:\s+(\w+)$/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (BigInt(`0x${mask ?? 0}`) & 1n) !== 0n;
}

async function guarded(pid: number | undefined): Promise<number> {
  let found: number | undefined;
  await until('the guardian runs', 5000, () => {
    found = guardianOf(pid);
    return found !== undefined;
  });
  return found ?? 0;
}

test('a daemon that is killed has its interfaces restored within a second, by both engines', async (t) => {
  const { site, ref, state } = setStage(t, 'guard');
  const before = state();
  const daemon = await Daemon.start(site);
  assert.equal(guardianOf(daemon.pid), undefined, 'nothing is impaired yet');
  await daemon.netweir.setImpairment(ref('a0'), RATE);
  await daemon.netweir.setImpairment(ref('b1'), BOTH);
  const guardian = await guarded(daemon.pid);
  assert.notEqual(state(), before);
  await daemon.kill();
  await until('everything is as before', DEADLINE_MS, () => state() === before);
  await until('the guardian is gone', 5000, () => !existsSync(`/proc/${guardian}/fd/0`));
});

test('the guardian goes with a daemon that ends in good order, and none is there without impairments or if told so', async (t) => {
  const { site, ref } = setStage(t, 'guard-end');
  const daemon = await Daemon.start(site);
  await daemon.netweir.setImpairment(ref('a0'), RATE);
  const guardian = await guarded(daemon.pid);
  assert.equal(await daemon.stop(), 0);
  await until('the guardian is gone', 5000, () => guardianOf(daemon.pid) !== guardian);
  const other = setStage(t, 'guard-off', { guardian: false });
  await using without = await Daemon.start(other.site);
  await without.netweir.setImpairment(other.ref('a0'), RATE);
  await without.netweir.clearImpairment(other.ref('a0'));
  assert.equal(guardianOf(without.pid), undefined);
});

test("the guardian has a session of its own, outlives its terminal's Ctrl+C, and keeps no namespace alive", async (t) => {
  const { site, ref, state } = setStage(t, 'guard-session');
  const before = state();
  const daemon = await Daemon.start(site);
  await daemon.netweir.setImpairment(ref('a0'), RATE);
  const guardian = await guarded(daemon.pid);
  const session = execFileSync('ps', ['-o', 'sid=', '-p', String(guardian)], { encoding: 'utf8' });
  assert.equal(Number(session), guardian);
  await until('it is as far as to catch signals', 5000, () => catchesHangup(guardian));
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.kill(guardian, signal);
  const files = readdirSync(`/proc/${guardian}/fd`).map((fd) =>
    readlinkSync(join(`/proc/${guardian}/fd`, fd)),
  );
  assert.deepEqual(
    files.filter((file) => file.startsWith('net:')),
    [],
  );
  await daemon.kill();
  await until('everything is as before', DEADLINE_MS, () => state() === before);
});

test('a command in the foreground that is killed is restored, too', async (t) => {
  const { site, ref, state } = setStage(t, 'guard-command');
  const before = state();
  const { space } = ref('a0');
  const command = start(site, 'set', `${space}/a0`, '--rate', '8mbit', '--for', '5m');
  t.after(() => command.signal('SIGKILL'));
  await until('it is impaired', 10_000, () => state() !== before);
  await guarded(command.pid);
  command.signal('SIGKILL');
  await until('everything is as before', DEADLINE_MS, () => state() === before);
});

test('what persists outlives its daemon, is the next one’s, and ends with its lease', async (t) => {
  const { site, namespace, ref, state } = setStage(t, 'persist');
  const before = state();
  const first = await Daemon.start(site);
  const set = await first.netweir.setImpairment(ref('a0'), { ...RATE, persist: true });
  assert.equal(set.persist, true);
  await first.netweir.setImpairment(ref('b0'), { ...RATE, persist: true, for: '1h' });
  await first.netweir.setImpairment(ref('a1'), RATE);
  await guarded(first.pid);
  assert.equal(await first.stop(), 0);
  const qdiscs = (): string => namespace.tc('qdisc');
  assert.match(qdiscs(), /tbf 4e57: dev a0 /u);
  assert.match(qdiscs(), /tbf 4e57: dev b0 /u);
  assert.doesNotMatch(qdiscs(), /4e57: dev a1 /u);
  const second = await Daemon.start(site);
  const adopted = await second.netweir.impairment(ref('a0'));
  assert.deepEqual(
    [adopted.egress, adopted.persist, adopted.original],
    [RATE.egress, true, 'pfifo 7:'],
  );
  assert.notEqual((await second.netweir.impairment(ref('b0'))).expiresAt, null);
  await second.kill();
  await using third = await Daemon.start(site);
  assert.match(qdiscs(), /tbf 4e57: dev a0 /u);
  await third.netweir.setImpairment(ref('b0'), { ...RATE, persist: true, for: '300ms' });
  await until('the lease has ended', 5000, () => !/4e57: dev b0 /u.test(qdiscs()));
  await third.netweir.clearImpairment(ref('a0'));
  assert.equal(state(), before);
});

test('the userspace engine refuses to persist, and a command refuses a lease that nobody would end', async (t) => {
  const { site, ref, state } = setStage(t, 'persist-not');
  const before = state();
  const set = (...args: string[]): { status: number | null; text: string } => {
    const { space } = ref('a0');
    const child = spawnSync(process.execPath, [NETWEIR, 'set', `${space}/a0`, ...args], {
      env: site.environment,
      encoding: 'utf8',
    });
    return { status: child.status, text: child.stderr };
  };
  const byEngine = set('--delay', '5ms', '--engine', 'userspace', '--persist');
  assert.deepEqual([byEngine.status, /ends with its process/u.test(byEngine.text)], [2, true]);
  const leased = set('--rate', '8mbit', '--for', '5m', '--persist');
  assert.deepEqual([leased.status, /none runs/u.test(leased.text)], [1, true]);
  assert.equal(state(), before);
});
