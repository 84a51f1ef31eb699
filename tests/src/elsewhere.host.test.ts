import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { EventMessage } from '@netweir/api';
import { netweir, start } from './support/command.ts';
import { Daemon, Site } from './support/daemon.ts';
import { TestNamespace, tcState, until } from './support/witness.ts';

const RATE = { egress: { rate: { rate: '8mbit' } } };

function setStage(t: TestContext, label: string) {
  const site = new Site();
  const namespace = new TestNamespace(label);
  t.after(() => {
    namespace[Symbol.dispose]();
    site[Symbol.dispose]();
  });
  namespace.ip('link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
  namespace.ip('link', 'set', 'v0', 'up');
  return {
    site,
    namespace,
    ref: { space: namespace.space, interface: 'v0' },
    tc: (line: string) => namespace.tc(...line.split(' ')),
    state: () => tcState(namespace.name, 'v0'),
  };
}

/** What the events of a daemon tell of one interface, last first. */
async function follow(daemon: Daemon, inode: string): Promise<(string | undefined)[]> {
  const told: (string | undefined)[] = [];
  await daemon.netweir.watch(
    (message: EventMessage) => {
      if (message.type !== 'changes') return;
      for (const change of message.changes) {
        if (change.type === 'interface' && change.space === inode && change.interface.name === 'v0')
          told.unshift(change.interface.changedElsewhere);
      }
    },
    () => undefined,
  );
  return told;
}

for (const [what, line, text] of [
  [
    'a value',
    'qdisc change dev v0 root handle 4e57: tbf rate 2mbit burst 5kb latency 9ms',
    /qdiscs/u,
  ],
  ['a qdisc below ours', 'qdisc add dev v0 parent 4e57:1 handle 10: pfifo limit 3', /qdiscs/u],
  ['the root', 'qdisc replace dev v0 root handle 9: pfifo limit 5', /pfifo 9:/u],
] as const) {
  test(`what tc changes meanwhile is told and shown: ${what}`, async (t) => {
    const { site, namespace, ref, tc, state } = setStage(t, 'elsewhere');
    await using daemon = await Daemon.start(site);
    await daemon.netweir.setImpairment(ref, RATE);
    assert.equal((await daemon.netweir.impairment(ref)).changedElsewhere, null);
    const told = await follow(daemon, namespace.space);
    tc(line);
    await until('it is told', 5000, () => text.test(told[0] ?? ''));
    const changed = state();
    assert.match((await daemon.netweir.impairment(ref)).changedElsewhere ?? '', text);
    const shown = await netweir(site, 'show', `${ref.space}/v0`);
    assert.match(shown.stdout, /elsewhere +somebody else/u);
    const set = await netweir(site, 'set', `${ref.space}/v0`, '--rate', '4mbit');
    assert.deepEqual([set.code, /--replace/u.test(set.stderr)], [1, true], set.stderr);
    const clear = await netweir(site, 'clear', `${ref.space}/v0`);
    assert.equal(clear.code, 1, clear.stdout);
    assert.equal(state(), changed, 'nothing was overwritten');
    const replaced = await netweir(site, 'clear', `${ref.space}/v0`, '--replace');
    assert.equal(replaced.code, 0, replaced.stderr);
    assert.doesNotMatch(state(), /4e57|pfifo 9:/u);
    await until('it is told that this is over', 5000, () => told[0] === undefined);
  });
}

test('a command without a daemon sees it, too, and ls says so', async (t) => {
  const { site, ref, tc } = setStage(t, 'elsewhere-alone');
  const set = await netweir(site, 'set', `${ref.space}/v0`, '--rate', '4mbit');
  assert.equal(set.code, 0, set.stderr);
  assert.doesNotMatch((await netweir(site, 'ls', ref.space)).stdout, /changed elsewhere/u);
  tc('qdisc change dev v0 root handle 4e57: tbf rate 2mbit burst 5kb latency 9ms');
  assert.match((await netweir(site, 'ls', ref.space)).stdout, /changed elsewhere/u);
  const again = await netweir(site, 'set', `${ref.space}/v0`, '--rate', '4mbit', '--replace');
  assert.equal(again.code, 0, again.stderr);
  assert.doesNotMatch((await netweir(site, 'ls', ref.space)).stdout, /changed elsewhere/u);
  assert.equal((await netweir(site, 'restore')).code, 0);
});

test('ls --watch shows it as it happens', async (t) => {
  const { site, ref, tc } = setStage(t, 'elsewhere-watch');
  await using daemon = await Daemon.start(site);
  await daemon.netweir.setImpairment(ref, RATE);
  const watching = start(site, 'ls', '--watch', '--json');
  await until('it watches', 10_000, () => watching.stdout().includes('"snapshot"'));
  tc('qdisc change dev v0 root handle 4e57: tbf rate 2mbit burst 5kb latency 9ms');
  await until('it shows', 5000, () => watching.stdout().includes('somebody else has changed'));
  watching.signal('SIGINT');
  await watching.finished;
  await daemon.netweir.clearImpairment(ref, { replace: true });
});
