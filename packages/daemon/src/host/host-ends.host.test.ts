import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { type Isolated, setStage, until } from './containers.test-support.ts';
import type { Host } from './host.ts';

const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const qdiscOf = (dev: string): string => run('tc', 'qdisc', 'show', 'dev', dev);
const rate = (text: string): { egress: { rate: { rate: string } } } => ({
  egress: { rate: { rate: text } },
});
let made = 0;

/** Gives a container an eth1 whose other end is one of the host's interfaces, which goes with it. */
function connect({ pid }: Isolated): string {
  const name = `nwe${process.pid}x${made++}`;
  run('ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth1', 'netns', `${pid}`);
  return name;
}

/** An interface of the host that has nothing to do with containers. */
function bystander(t: TestContext): string {
  const name = `nwe${process.pid}y`;
  run('ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}p`);
  t.after(() => run('ip', 'link', 'del', name));
  return name;
}

/** Whether the container's end is known to have this peer. */
const isKnown = (host: Host, name: string) => async (): Promise<boolean> =>
  (await host.inventory()).spaces.some(({ interfaces }) =>
    interfaces.some((one) => one.name === 'eth1' && one.peer?.interface === name),
  );

test("what a person set at the host's end comes back on the new pair when the container starts anew", async (t) => {
  const { open, start, end, problems } = setStage(t);
  const other = bystander(t);
  const untouched = qdiscOf(other);
  const host = await open();
  const first = connect(await start('web'));
  await until('the pair is known', isKnown(host, first));
  const set = { ...rate('7mbit'), for: '1h' };
  const { expiresAt } = await host.setImpairment({ space: 'host', interface: first }, set);
  assert.match(qdiscOf(first), /tbf 4e57: .* rate 7Mbit/u);

  await end('web');
  const web = await start('web');
  const second = connect(web);
  await until('it is impaired again', () => qdiscOf(second).includes('7Mbit'));
  assert.equal((await host.impairment({ space: 'host', interface: second })).expiresAt, expiresAt);
  assert.doesNotMatch(web.inside('tc', 'qdisc', 'show'), /4e57/u);
  await host.setImpairment({ space: 'host', interface: second }, rate('8mbit'));
  await until('it is the last that counts', () => qdiscOf(second).includes('8Mbit'));

  const third = connect(await start('web'));
  await until('it is impaired without a word of the end', () => qdiscOf(third).includes('8Mbit'));
  await host.clearImpairment({ space: 'host', interface: third });
  assert.doesNotMatch(qdiscOf(third), /4e57/u);

  const fourth = connect(await start('web'));
  await until('the pair is known', isKnown(host, fourth));
  assert.doesNotMatch(qdiscOf(fourth), /4e57/u);
  assert.equal(qdiscOf(other), untouched);
  assert.deepEqual(problems, []);
});

test("what is restored at the host's end does not come back", async (t) => {
  const { open, start } = setStage(t);
  const host = await open();
  const first = connect(await start('web'));
  await until('the pair is known', isKnown(host, first));
  await host.setImpairment({ space: 'host', interface: first }, rate('7mbit'));
  await host.restore();
  assert.doesNotMatch(qdiscOf(first), /4e57/u);
  const second = connect(await start('web'));
  await until('the pair is known', isKnown(host, second));
  assert.doesNotMatch(qdiscOf(second), /4e57/u);
});
