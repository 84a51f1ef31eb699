import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { NetworkNamespace } from '@netweir/kernel';
import { Discovery } from './discovery.ts';
import type { DiscoveredInterface, DiscoveryChange } from './model.ts';
import {
  discovered,
  follow,
  ipBatch,
  makeNamespaces,
  run,
  uniqueName,
  until,
  witnessed,
} from './witness.test-support.ts';

interface Stage {
  readonly discovery: Discovery;
  readonly name: string;
  readonly id: string;
  readonly v0: () => DiscoveredInterface | undefined;
}

/** A namespace with a veth pair v0, v1 and a discovery that knows it. */
async function setStage(t: TestContext): Promise<Stage> {
  const [name = ''] = makeNamespaces(t, 1);
  ipBatch([`-n ${name} link add v0 type veth peer name v1`, `-n ${name} link set v1 up`]);
  const discovery = await Discovery.open();
  t.after(() => discovery.close());
  const id = `netns:${name}`;
  return { discovery, name, id, v0: () => discovery.find(id, 'v0') };
}

test('every attribute that ip and tc change is seen to change', async (t) => {
  const { discovery, name, v0 } = await setStage(t);
  ipBatch([`-n ${name} link add br0 type bridge`]);
  const tbf = ['tbf', 'rate', '10mbit', 'burst', '10k', 'latency', '50ms'];
  const steps: [command: string, seen: () => boolean][] = [
    ['ip link set v0 mtu 1300', () => v0()?.mtu === 1300],
    ['ip link set v0 address 02:00:00:00:00:07', () => v0()?.mac === '02:00:00:00:00:07'],
    ['ip link set v0 up', () => v0()?.up === true && v0()?.operstate === 'up'],
    ['ip link set v1 down', () => v0()?.carrier === false],
    ['ip link set v1 up', () => v0()?.carrier === true],
    ['ip link set v0 master br0', () => v0()?.master === 'br0'],
    ['ip link set br0 name br1', () => v0()?.master === 'br1'],
    ['ip link set v0 nomaster', () => v0()?.master === null],
    ['ip addr add 10.9.0.1/24 dev v0', () => hasAddress(v0(), '10.9.0.1')],
    ['ip addr add fd09::1/64 dev v0 nodad', () => hasAddress(v0(), 'fd09::1')],
    ['ip addr del 10.9.0.1/24 dev v0', () => !hasAddress(v0(), '10.9.0.1')],
    ['ip addr del fd09::1/64 dev v0', () => !hasAddress(v0(), 'fd09::1')],
    [`tc qdisc add dev v0 root ${tbf.join(' ')}`, () => hasQdisc(v0(), 'tbf')],
    ['tc qdisc add dev v0 clsact', () => hasQdisc(v0(), 'clsact')],
    ['tc qdisc del dev v0 clsact', () => !hasQdisc(v0(), 'clsact')],
    ['tc qdisc del dev v0 root', () => hasQdisc(v0(), 'noqueue')],
    ['ip link set v1 name v9', () => v0()?.peer?.interface === 'v9'],
    ['ip link set v0 down', () => v0()?.up === false],
    ['ip link del v0', () => v0() === undefined],
  ];
  for (const [command, seen] of steps) {
    const [program = '', ...args] = command.split(' ');
    run(program, '-n', name, ...args);
    await until(discovery, command, seen);
    await until(discovery, `${command}, everything of it`, () => agrees(discovery, name));
  }
});

function agrees(discovery: Discovery, name: string): boolean {
  try {
    assert.deepEqual(discovered(discovery.space(`netns:${name}`)), witnessed(name));
    return true;
  } catch (error) {
    if (error instanceof assert.AssertionError) return false;
    throw error;
  }
}

function hasAddress(found: DiscoveredInterface | undefined, address: string): boolean {
  return found?.addresses.some((known) => known.address === address) === true;
}

function hasQdisc(found: DiscoveredInterface | undefined, kind: string): boolean {
  return found?.qdiscs.some((known) => known.kind === kind) === true;
}

test('a namespace and what is in it comes and goes with its name', async (t) => {
  await using discovery = await Discovery.open();
  const copy = follow(discovery);
  const [name = ''] = makeNamespaces(t, 1);
  const id = `netns:${name}`;
  await until(discovery, 'namespace', () => discovery.space(id)?.interfaces.size === 1);
  assert.equal(copy.get(id)?.size, 1);
  run('ip', '-n', name, 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
  await until(discovery, 'links', () => discovery.space(id)?.interfaces.size === 3);
  run('ip', 'netns', 'delete', name);
  await until(discovery, 'no namespace', () => !discovery.space(id));
  assert.equal(copy.has(id), false);
});

test('a deleted namespace is not kept alive: its peer in the host goes within a second', async (t) => {
  const [name = ''] = makeNamespaces(t, 1);
  const pair = uniqueName();
  ipBatch([`link add ${pair} type veth peer name e0 netns ${name}`]);
  await using discovery = await Discovery.open();
  assert.equal(discovery.find('host', pair)?.peer?.space, `netns:${name}`);
  run('ip', 'netns', 'delete', name);
  await until(discovery, 'no peer', () => !discovery.find('host', pair), 1000);
  assert.throws(() => run('ip', 'link', 'show', pair));
});

test('a name that is taken again at once is another namespace', async (t) => {
  const [name = ''] = makeNamespaces(t, 1);
  run('ip', '-n', name, 'link', 'add', 'i0', 'type', 'ifb');
  await using discovery = await Discovery.open();
  const id = `netns:${name}`;
  const before = discovery.space(id);
  const copy = follow(discovery);
  ipBatch([`netns delete ${name}`, `netns add ${name}`, `-n ${name} link add i1 type ifb`]);
  await until(discovery, 'new namespace', () => discovery.find(id, 'i1') !== undefined);
  assert.notEqual(discovery.space(id), before);
  assert.equal(discovery.find(id, 'i0'), undefined);
  assert.deepEqual(
    [...(copy.get(id)?.values() ?? [])].map((known) => known.name),
    ['lo', 'i1'],
  );
});

test('a namespace with two names is found under both, and one may go', async (t) => {
  const [name = ''] = makeNamespaces(t, 1);
  const alias = uniqueName();
  t.after(() => ipBatch([`netns delete ${alias}`], { force: true }));
  await using discovery = await Discovery.open();
  run('touch', `/run/netns/${alias}`);
  run('mount', '--bind', `/run/netns/${name}`, `/run/netns/${alias}`);
  await until(discovery, 'second name', () => discovery.space(`netns:${alias}`) !== undefined);
  run('ip', '-n', alias, 'link', 'add', 'i0', 'type', 'ifb');
  await until(discovery, 'in both', () =>
    [name, alias].every((each) => discovery.find(`netns:${each}`, 'i0')),
  );
  run('ip', 'netns', 'delete', name);
  await until(discovery, 'first name gone', () => !discovery.space(`netns:${name}`));
  run('ip', '-n', alias, 'link', 'delete', 'i0');
  await until(discovery, 'still followed', () => !discovery.find(`netns:${alias}`, 'i0'));
});

test('a moved interface leaves one namespace for the other, and its peer knows', async (t) => {
  const { discovery, name, id, v0 } = await setStage(t);
  const [other = ''] = makeNamespaces(t, 1);
  const there = `netns:${other}`;
  await until(discovery, 'other namespace', () => discovery.space(there) !== undefined);
  run('ip', '-n', name, 'link', 'set', 'v1', 'netns', other);
  await until(discovery, 'peer moved', () => v0()?.peer?.space === there);
  assert.equal(v0()?.peer?.interface, 'v1');
  assert.equal(discovery.find(id, 'v1'), undefined);
  assert.equal(discovery.find(there, 'v1')?.peer?.interface, 'v0');
  run('ip', '-n', other, 'link', 'set', 'v1', 'name', 'w1');
  await until(discovery, 'peer renamed', () => v0()?.peer?.interface === 'w1');
  run('ip', '-n', other, 'link', 'set', 'w1', 'netns', name);
  await until(discovery, 'peer back', () => v0()?.peer?.space === id);
  assert.equal(discovery.find(id, 'w1')?.peer?.interface, 'v0');
});

test('a peer that is down, and so hears of nothing, is right after moves nonetheless', async (t) => {
  const [a = '', b = '', c = ''] = makeNamespaces(t, 3);
  ipBatch([`-n ${a} link add v0 type veth peer name v1`]);
  await using discovery = await Discovery.open();
  const space = () => discovery.find(`netns:${a}`, 'v0')?.peer?.space;
  run('ip', '-n', a, 'link', 'set', 'v1', 'netns', b);
  await until(discovery, 'in b', () => space() === `netns:${b}`);
  run('ip', '-n', b, 'link', 'set', 'v1', 'netns', c);
  await until(discovery, 'in c', () => space() === `netns:${c}`);
  run('ip', 'netns', 'delete', c);
  await until(discovery, 'gone', () => !discovery.find(`netns:${a}`, 'v0'), 1000);
});

test('a peer that comes out of a namespace without a name is found', async (t) => {
  const [a = '', b = ''] = makeNamespaces(t, 2);
  using unnamed = NetworkNamespace.anonymous();
  unnamed.run(() =>
    run('ip', 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1', 'netns', a),
  );
  await using discovery = await Discovery.open();
  const peer = () => discovery.find(`netns:${a}`, 'v1')?.peer;
  assert.deepEqual([peer()?.space, peer()?.interface], [null, null]);
  unnamed.run(() => run('ip', 'link', 'set', 'v0', 'netns', b));
  await until(discovery, 'peer in b', () => peer()?.space === `netns:${b}`);
  assert.equal(peer()?.interface, 'v0');
});

test('a peer is found once its namespace gets a name', async (t) => {
  const [name = ''] = makeNamespaces(t, 1);
  const alias = uniqueName();
  t.after(() => ipBatch([`netns delete ${alias}`], { force: true }));
  const pair = uniqueName();
  ipBatch([`link add ${pair} type veth peer name e0 netns ${name}`]);
  run('touch', `/run/netns/${alias}`);
  await using discovery = await Discovery.open();
  const space = () => discovery.find('host', pair)?.peer?.space;
  assert.equal(space(), `netns:${name}`);
  run('mount', '--bind', `/run/netns/${name}`, `/run/netns/${alias}`);
  await until(
    discovery,
    'second name',
    () => discovery.space(`netns:${alias}`) !== undefined,
    2000,
  );
  run('ip', 'netns', 'delete', name);
  await until(discovery, 'peer under the other name', () => space() === `netns:${alias}`);
});

test('counters change only with traffic, and only while somebody asks', async (t) => {
  const [a = '', b = ''] = makeNamespaces(t, 2);
  ipBatch([
    ...[a, b].flatMap((name) => [
      `netns exec ${name} sysctl -qw net.ipv6.conf.default.disable_ipv6=1`,
    ]),
    `-n ${a} link add v0 type veth peer name v0 netns ${b}`,
    `-n ${a} addr add 10.9.0.1/24 dev v0`,
    `-n ${b} addr add 10.9.0.2/24 dev v0`,
    `-n ${a} link set v0 up`,
    `-n ${b} link set v0 up`,
  ]);
  await using discovery = await Discovery.open();
  const seen: DiscoveryChange[] = [];
  const ours = new Set([`netns:${a}`, `netns:${b}`]);
  discovery.onChanges((changes) => {
    for (const change of changes) {
      if (change.type === 'counters' && ours.has(change.space.id)) seen.push(change);
    }
  });
  const sent = () => discovery.find(`netns:${a}`, 'v0')?.counters.txBytes ?? 0;
  const before = sent();
  run('ip', 'netns', 'exec', a, 'ping', '-c', '1', '-W', '1', '10.9.0.2');
  assert.equal(seen.length, 0);
  const stop = discovery.pollCounters(20);
  await until(discovery, 'traffic', () => sent() > before);
  stop();
  const [witness] = JSON.parse(run('ip', '-j', '-s', '-n', a, 'link', 'show', 'v0'));
  assert.equal(sent(), witness.stats64.tx.bytes);
  assert.ok(seen.length >= 2);
});
