import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Interface, type InterfaceRef, isNetweirError } from '@netweir/api';
import { probeAbilities } from '@netweir/impair';
import { type Host, openHost } from './host.ts';

const SLOW = { rate: { rate: '5mbit' } };
const FAST = { rate: { rate: '50mbit' } };
const OTHER = ['rate', '7mbit', 'burst', '10kb', 'latency', '50ms'];
const engine = 'kernel';

interface Stage {
  readonly near: InterfaceRef;
  readonly far: InterfaceRef;
  open(options?: { readonly provisionalMs?: number }): Promise<Host>;
  /** What tc tells of the near end and of the far one. */
  roots(): [near: string, far: string];
}

const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8' });

/** A veth from one namespace to another, on a kernel without ifb. */
function setStage(t: TestContext, label: string): Stage {
  const [a, b] = [`nwe-${label}-a${process.pid}`, `nwe-${label}-b${process.pid}`];
  const stateDirectory = mkdtempSync(join(tmpdir(), 'netweir-test-'));
  for (const name of [a, b]) run('ip', 'netns', 'add', name);
  run('ip', '-n', a, 'link', 'add', 'v0', 'up', 'type', 'veth', 'peer', 'name', 'v1', 'netns', b);
  run('ip', '-n', b, 'link', 'set', 'v1', 'up');
  run('tc', '-n', b, ...'qdisc add dev v1 root handle 7: pfifo limit 77'.split(' '));
  const hosts: Host[] = [];
  t.after(async () => {
    for (const host of hosts) await host.close();
    for (const name of [a, b]) run('ip', 'netns', 'del', name);
    rmSync(stateDirectory, { recursive: true });
  });
  const rootOf = (name: string, dev: string): string =>
    run('tc', '-n', name, 'qdisc', 'show', 'dev', dev, 'root').trim();
  return {
    near: { space: `netns:${a}`, interface: 'v0' },
    far: { space: `netns:${b}`, interface: 'v1' },
    open: async ({ provisionalMs } = {}) => {
      const abilities = { ...probeAbilities(), ifb: false };
      const onProblem = (error: Error): void => assert.fail(error);
      const host = await openHost({
        ...{ stateDirectory, owner: 'daemon', abilities, onProblem, provisionalMs },
      });
      hosts.push(host);
      return host;
    },
    roots: () => [rootOf(a, 'v0'), rootOf(b, 'v1')],
  };
}

const nameOf = ({ space }: InterfaceRef): string => space.slice('netns:'.length);

/** As it is in the list of all. */
async function shown(host: Host, at: InterfaceRef): Promise<Interface | undefined> {
  const { spaces } = await host.inventory();
  const space = spaces.find(({ id }) => id === at.space);
  return space?.interfaces.find(({ name }) => name === at.interface);
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, 'deadline passed');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function refused(action: Promise<unknown>, text: RegExp): Promise<void> {
  await assert.rejects(action, (error) => {
    assert.ok(isNetweirError(error));
    assert.equal(error.code, 'invalid-combination');
    assert.match(error.message, text);
    return true;
  });
}

test('without ifb the other end of a veth does what an interface receives, says so, and is put back', async (t) => {
  const { near, far, open, roots } = setStage(t, 'do');
  const before = roots();
  const host = await open();
  const steps = await host.previewImpairment(near, { egress: FAST, ingress: SLOW, engine });
  assert.deepEqual(
    steps.map(({ operation }) => operation),
    ['replace tbf qdisc on v0', `replace tbf qdisc on v1, the other end in ${far.space}`],
  );
  assert.deepEqual(roots(), before);
  const report = await host.setImpairment(near, { egress: FAST, ingress: SLOW, engine });
  assert.match(roots()[0], /^qdisc tbf 4e57: root .*rate 50Mbit/u);
  assert.match(roots()[1], /^qdisc tbf 4e57: root .*rate 5Mbit/u);
  assert.deepEqual([report.egress, report.ingress], [FAST, SLOW]);
  assert.deepEqual([report.ingressMechanism, report.ingressAt], ['tbf', far]);
  assert.notEqual(report.ingressCounters, null);
  const again = await host.impairment(near);
  assert.deepEqual([again.ingress, again.ingressAt], [SLOW, far]);
  assert.deepEqual((await shown(host, near))?.ingress, SLOW);
  await refused(host.setImpairment(far, { egress: FAST, engine }), /is impaired already/u);
  await host.setImpairment(near, { egress: FAST, engine });
  assert.equal(roots()[1], before[1]);
  await host.setImpairment(near, { ingress: SLOW, engine });
  assert.equal(roots()[0], before[0]);
  assert.match(roots()[1], /rate 5Mbit/u);
  const cleared = await host.clearImpairment(near);
  assert.deepEqual([cleared.egress, cleared.ingress, cleared.ingressAt], [null, null, undefined]);
  assert.deepEqual(roots(), before);
});

test('rules are mirrored there, and a lease ends both', async (t) => {
  const { near, far, open, roots } = setStage(t, 'rules');
  const before = roots();
  const host = await open();
  const rules = [
    { match: { remote: ['10.1.0.0/16'], remotePorts: ['443'] }, egress: FAST, ingress: SLOW },
  ];
  const report = await host.setImpairment(near, { rules, engine, for: '1s' });
  assert.deepEqual(
    report.rules.map(({ match, egress, ingress }) => ({ match, egress, ingress })),
    rules,
  );
  assert.match(
    run('tc', '-n', nameOf(far), 'filter', 'show', 'dev', 'v1'),
    /0a010000\/ffff0000 at 12/u,
  );
  await until(() => roots().join() === before.join());
  assert.equal((await host.impairment(near)).expiresAt, null);
});

test('an end that is impaired itself is not taken, and nothing is changed then', async (t) => {
  const { near, far, open, roots } = setStage(t, 'taken');
  const host = await open();
  await host.setImpairment(far, { egress: FAST, engine });
  const before = roots();
  await refused(
    host.setImpairment(near, { egress: SLOW, ingress: SLOW, engine }),
    /which is impaired itself/u,
  );
  assert.deepEqual(roots(), before);
});

test('a name in a rule stands for its addresses there, too', async (t) => {
  const { near, far, open, roots } = setStage(t, 'name');
  const host = await open();
  const rules = [{ match: { remote: ['localhost'], family: 4 as const }, ingress: SLOW }];
  const report = await host.setImpairment(near, { rules, engine });
  assert.deepEqual(report.rules[0]?.addresses?.includes('127.0.0.1'), true);
  const filters = run('tc', '-n', nameOf(far), 'filter', 'show', 'dev', 'v1');
  assert.match(filters, /7f000001\/ffffffff at 12/u);
  const mirrored = (await host.impairment(far)).rules.map(({ match, egress }) => [match, egress]);
  assert.deepEqual(mirrored, [[{ local: report.rules[0]?.addresses, family: 4 }, SLOW]]);
  await host.clearImpairment(near);
  assert.match(roots()[1], /pfifo 7:/u);
});

test('what a provisional change took the place of comes back at both ends', async (t) => {
  const { near, far, open } = setStage(t, 'former');
  const [ours, space] = [`nwe${process.pid}`, nameOf(near)];
  // The connection that is guarded comes to this host by the interface itself.
  run('ip', '-n', space, 'link', 'set', 'v0', 'netns', '1', 'name', ours);
  run('ip', 'addr', 'add', '10.99.58.1/24', 'dev', ours);
  run('ip', 'link', 'set', ours, 'up');
  const callers = [{ client: '10.99.58.2', server: '10.99.58.1', port: 1 }];
  const here = { space: 'host', interface: ours };
  const roots = (): string =>
    run('tc', 'qdisc', 'show', 'dev', ours, 'root') +
    run('tc', '-n', nameOf(far), 'qdisc', 'show', 'dev', 'v1', 'root');
  const host = await open({ provisionalMs: 500 });
  await host.setImpairment(here, { egress: FAST, ingress: SLOW, engine });
  const before = roots();
  assert.match(before, /rate 50Mbit.*rate 5Mbit/su);
  const change = { ingress: FAST, engine, guard: 'provisional', callers } as const;
  const planned = (guard?: 'auto'): Promise<unknown> =>
    host.previewImpairment(here, { egress: FAST, engine, callers, ...(guard && { guard }) });
  assert.deepEqual(await planned('auto'), await planned());
  assert.notEqual((await host.setImpairment(here, change)).provisionalUntil, null);
  assert.doesNotMatch(roots(), /rate 5Mbit/u);
  await until(() => roots() === before).catch(() => assert.equal(roots(), before));
  await host.clearImpairment(here);
});

test('cleared at either end it is cleared at both, and what somebody else did there is seen', async (t) => {
  const { near, far, open, roots } = setStage(t, 'clear');
  const before = roots();
  const host = await open();
  await host.setImpairment(near, { ingress: SLOW, engine, for: '1h' });
  const cleared = await host.clearImpairment(far);
  assert.deepEqual([cleared.egress, (await host.impairment(near)).ingress], [null, null]);
  assert.equal((await host.impairment(near)).expiresAt, null);
  assert.deepEqual(roots(), before);
  await host.setImpairment(near, { ingress: SLOW, engine });
  const told: string[] = [];
  await host.watch(
    (message) => {
      if (message.type !== 'changes') return;
      for (const change of message.changes) {
        if (change.type === 'interface' && change.interface.changedElsewhere !== undefined) {
          told.push(change.interface.name);
        }
      }
    },
    () => {},
  );
  run('tc', '-n', nameOf(far), ...'qdisc change dev v1 root handle 4e57: tbf'.split(' '), ...OTHER);
  assert.match((await host.impairment(near)).changedElsewhere ?? '', /somebody else has changed/u);
  assert.match((await shown(host, near))?.changedElsewhere ?? '', /somebody else has changed/u);
  await until(() => told.includes('v0'));
  await assert.rejects(
    host.setImpairment(near, { ingress: FAST, engine }),
    (error) => isNetweirError(error) && error.code === 'changed-elsewhere',
  );
  await host.clearImpairment(near, { replace: true });
  assert.deepEqual(roots(), before);
});

test('a restore puts back both ends, and says so', async (t) => {
  const { near, open, roots } = setStage(t, 'restore');
  const before = roots();
  const host = await open();
  await host.setImpairment(near, { egress: FAST, ingress: SLOW, engine, for: '1h' });
  const { restored, failed } = await host.restore();
  assert.deepEqual([restored.map((one) => one.interface), failed], [['v0', 'v1'], []]);
  assert.deepEqual(roots(), before);
  assert.equal((await host.impairment(near)).ingress, null);
});

test('the next daemon knows what the other end is impaired for', async (t) => {
  const { near, far, open, roots } = setStage(t, 'next');
  const before = roots();
  const first = await open();
  await first.setImpairment(near, { ingress: SLOW, engine, persist: true });
  await first.close();
  const second = await open();
  assert.deepEqual((await second.impairment(near)).ingressAt, far);
  await second.clearImpairment(near);
  assert.deepEqual(roots(), before);
});
