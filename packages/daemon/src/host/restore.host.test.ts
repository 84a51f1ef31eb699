import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { applyChange, type Inventory, type NetweirError } from '@netweir/api';
import { type Host, openHost } from './host.ts';

interface Stage {
  readonly name: string;
  readonly ref: { readonly space: string; readonly interface: string };
  readonly stateDirectory: string;
  readonly problems: NetweirError[];
  open(owner: 'daemon' | 'command'): Promise<Host>;
  tc(...args: string[]): string;
}

const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8' });
const impairment = { egress: { rate: { rate: '5mbit' } } };

/** A namespace with a veth pair v0, v1, and a state directory. */
function setStage(t: TestContext, label: string): Stage {
  const name = `nwh-${label}-${process.pid}`;
  const stateDirectory = mkdtempSync(join(tmpdir(), 'netweir-test-'));
  run('ip', 'netns', 'add', name);
  const hosts: Host[] = [];
  t.after(async () => {
    for (const host of hosts) await host.close();
    run('ip', 'netns', 'del', name);
    rmSync(stateDirectory, { recursive: true });
  });
  run('ip', '-n', name, 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
  const problems: NetweirError[] = [];
  return {
    name,
    ref: { space: `netns:${name}`, interface: 'v0' },
    stateDirectory,
    problems,
    open: async (owner) => {
      const onProblem = (error: NetweirError): void => void problems.push(error);
      const host = await openHost({ stateDirectory, owner, onProblem });
      hosts.push(host);
      return host;
    },
    tc: (...args) => run('tc', '-n', name, ...args),
  };
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within 5 s`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('a namespace that lost its name while a process is in it is restored, too', async (t) => {
  const { name, ref, open, tc } = setStage(t, 'nameless');
  const host = await open('daemon');
  await host.setImpairment(ref, impairment);
  const inside = spawn('ip', ['netns', 'exec', name, 'sleep', '60'], { stdio: 'ignore' });
  t.after(() => inside.kill());
  const own = run('readlink', '/proc/self/ns/net');
  await until('the process is inside', () => {
    return run('readlink', `/proc/${inside.pid}/ns/net`) !== own;
  });
  run('ip', 'netns', 'del', name);
  await until('its name is gone', async () => {
    const { spaces } = await host.inventory();
    return spaces.every(({ id }) => id !== ref.space);
  });
  const report = await host.restore();
  run('ip', 'netns', 'attach', name, String(inside.pid));
  assert.equal(report.restored.length, 1, JSON.stringify(report));
  assert.doesNotMatch(tc('qdisc', 'show', 'dev', 'v0'), /tbf/u);
});

test('a lease that another process prolonged ends at its new end', async (t) => {
  const { ref, open, tc } = setStage(t, 'prolonged');
  const daemon = await open('daemon');
  await daemon.setImpairment(ref, { ...impairment, for: '100ms' });
  // It ends like one that is killed: without a word.
  const other = await open('command');
  const { expiresAt } = await other.setImpairment(ref, { ...impairment, for: '600ms' });
  await until('it is restored', () => !tc('qdisc', 'show', 'dev', 'v0').includes('tbf'));
  assert.ok(expiresAt !== null && Date.now() >= Date.parse(expiresAt));
});

test('a lease ends in time, even where the clock was set back meanwhile', async (t) => {
  const { ref, open, tc } = setStage(t, 'clock');
  const daemon = await open('daemon');
  await daemon.setImpairment(ref, { ...impairment, for: '100ms' });
  const real = Date.now.bind(Date);
  t.mock.method(Date, 'now', () => real() - 3_600_000);
  await until('it is restored', () => !tc('qdisc', 'show', 'dev', 'v0').includes('tbf'));
});

test('a command that ends takes its lease along, of a renamed interface too', async (t) => {
  const { name, ref, open, tc } = setStage(t, 'renamed');
  const command = await open('command');
  await command.setImpairment(ref, { ...impairment, for: '1h' });
  run('ip', '-n', name, 'link', 'set', 'v0', 'name', 'w0');
  await command.close();
  assert.doesNotMatch(tc('qdisc', 'show', 'dev', 'w0'), /tbf/u);
});

test('a command that ends leaves a lease alone to which another one gave another end', async (t) => {
  const { ref, open, tc } = setStage(t, 'other');
  const [first, second] = [await open('command'), await open('command')];
  await first.setImpairment(ref, { ...impairment, for: '1h' });
  await second.setImpairment(ref, { ...impairment, for: '2h' });
  await first.close();
  assert.match(tc('qdisc', 'show', 'dev', 'v0'), /tbf/u);
});

test('a command that ends takes its engine off an interface that was renamed', async (t) => {
  const { name, ref, open, tc } = setStage(t, 'renamed');
  const host = await open('command');
  const delayed = { egress: { delay: { mean: '1ms' } }, engine: 'userspace' } as const;
  await host.setImpairment(ref, delayed);
  assert.match(tc('qdisc', 'show', 'dev', 'v0'), /clsact/);
  run('ip', '-n', name, 'link', 'set', 'v0', 'name', 'other0');
  await host.close();
  assert.doesNotMatch(tc('qdisc', 'show', 'dev', 'other0'), /clsact/);
});

test('watchers hear that an interface is not impaired any more when its TAP is gone', async (t) => {
  const { name, ref, open } = setStage(t, 'tap');
  const host = await open('daemon');
  const delayed = { egress: { delay: { mean: '1ms' } }, engine: 'userspace' } as const;
  const { ifindex } = await host.setImpairment(ref, delayed);
  let inventory: Inventory | undefined;
  const stop = await host.watch(
    (message) => {
      if (message.type === 'snapshot') inventory = message.inventory;
      else if (inventory) inventory = message.changes.reduce(applyChange, inventory);
    },
    () => {},
  );
  t.after(stop);
  const isImpaired = (): boolean | undefined => {
    const space = inventory?.spaces.find(({ id }) => id === ref.space);
    const found = space?.interfaces.find((one) => one.ifindex === ifindex);
    return found && found.egress !== null;
  };
  assert.equal(isImpaired(), true);
  run('ip', '-n', name, 'link', 'del', `nw${ifindex}e`);
  await until('they are told', () => isImpaired() === false);
});
