import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Discovery } from './discovery.ts';
import { discoverOnce } from './once.ts';
import {
  discovered,
  follow,
  ipBatch,
  makeNamespaces,
  run,
  uniqueName,
  witnessed,
} from './witness.test-support.ts';

/** Two namespaces with one of everything; the pair between the host and the first has this name. */
function makeEverything(t: TestContext): { a: string; b: string; pair: string } {
  const [a = '', b = ''] = makeNamespaces(t, 2);
  const pair = uniqueName();
  ipBatch([
    `link add ${pair} type veth peer name up0 netns ${a}`,
    `link set ${pair} up`,
    `-n ${a} link set lo up`,
    `-n ${a} link set up0 up`,
    `-n ${a} addr add 10.9.0.1/24 dev up0`,
    `-n ${a} addr add 10.9.0.2/24 dev up0`,
    `-n ${a} addr add fd09::1/64 dev up0 nodad`,
    `-n ${a} link add x0 type veth peer name x0 netns ${b}`,
    `-n ${a} link set x0 up mtu 1400 address 02:00:00:00:09:01`,
    `-n ${a} link add br0 type bridge`,
    `-n ${a} link add p0 type veth peer name p1`,
    `-n ${a} link set p0 master br0`,
    `-n ${a} link add i0 type ifb`,
    `-n ${a} link add mv0 link up0 type macvlan mode bridge`,
    `-n ${b} addr add 10.9.1.1 peer 10.9.1.2/32 dev x0`,
  ]);
  run('tc', '-n', a, 'qdisc', 'add', 'dev', 'up0', 'root', 'handle', '4e57:', ...TBF);
  run('tc', '-n', a, 'qdisc', 'add', 'dev', 'up0', 'clsact');
  run('tc', '-n', a, 'qdisc', 'add', 'dev', 'p1', 'ingress');
  run('tc', '-n', a, 'qdisc', 'add', 'dev', 'p1', 'root', 'handle', '1:', 'htb');
  run('tc', '-n', a, 'class', 'add', 'dev', 'p1', 'parent', '1:', 'classid', '1:10', ...CLASS);
  run('tc', '-n', a, 'qdisc', 'add', 'dev', 'p1', 'parent', '1:10', 'handle', '20:', ...TBF);
  return { a, b, pair };
}

const TBF = ['tbf', 'rate', '10mbit', 'burst', '10k', 'latency', '50ms'];
const CLASS = ['htb', 'rate', '1mbit'];

test('what is listed once agrees with ip and tc', (t) => {
  const { a, b, pair } = makeEverything(t);
  using snapshot = discoverOnce();
  assert.equal(snapshot.spaces[0]?.id, 'host');
  for (const name of [a, b]) {
    const space = snapshot.spaces.find(({ id }) => id === `netns:${name}`);
    assert.deepEqual(discovered(space), witnessed(name));
  }
  const isStable = ({ name }: { name?: unknown }) =>
    name === pair || name === 'lo' || name === 'eth0';
  const host = discovered(snapshot.spaces[0]).filter(isStable);
  assert.deepEqual(host, witnessed().filter(isStable));
});

test('an open discovery starts with the same snapshot', async (t) => {
  const { a, b } = makeEverything(t);
  await using discovery = await Discovery.open();
  for (const name of [a, b]) {
    assert.deepEqual(discovered(discovery.space(`netns:${name}`)), witnessed(name));
  }
});

test('the peer of a veth is named, in whichever namespace it is', async (t) => {
  const { a, b, pair } = makeEverything(t);
  await using discovery = await Discovery.open();
  const peer = (space: string, name: string) => {
    const found = discovery.find(space, name)?.peer;
    return `${found?.space} ${found?.interface}`;
  };
  assert.equal(peer('host', pair), `netns:${a} up0`);
  assert.equal(peer(`netns:${a}`, 'up0'), `host ${pair}`);
  assert.equal(peer(`netns:${a}`, 'x0'), `netns:${b} x0`);
  assert.equal(peer(`netns:${b}`, 'x0'), `netns:${a} x0`);
  assert.equal(peer(`netns:${a}`, 'p0'), `netns:${a} p1`);
  assert.equal(discovery.find(`netns:${a}`, 'mv0')?.peer, null);
});

test('the spaces are sorted, with the host first, and their interfaces by index', async (t) => {
  makeNamespaces(t, 3);
  await using discovery = await Discovery.open();
  const [host, ...names] = discovery.spaces().map(({ name }) => name);
  assert.equal(host, 'host');
  assert.deepEqual(names, names.toSorted());
  for (const space of discovery.spaces()) {
    const indexes = [...space.interfaces.keys()];
    assert.deepEqual(
      indexes,
      indexes.toSorted((x, y) => x - y),
    );
  }
});

test('a refresh tells a change before it returns', async (t) => {
  const { a } = makeEverything(t);
  await using discovery = await Discovery.open();
  const copy = follow(discovery);
  run('tc', '-n', a, 'qdisc', 'delete', 'dev', 'up0', 'root');
  const id = `netns:${a}`;
  const ifindex = discovery.find(id, 'up0')?.ifindex ?? 0;
  assert.ok(
    copy
      .get(id)
      ?.get(ifindex)
      ?.qdiscs.some(({ kind }) => kind === 'tbf'),
  );
  discovery.refresh(id, ifindex);
  assert.deepEqual(
    copy
      .get(id)
      ?.get(ifindex)
      ?.qdiscs.map(({ kind }) => kind),
    ['noqueue', 'clsact'],
  );
  run('ip', '-n', a, 'link', 'delete', 'i0');
  discovery.refresh(id);
  assert.equal(discovery.find(id, 'i0'), undefined);
});
