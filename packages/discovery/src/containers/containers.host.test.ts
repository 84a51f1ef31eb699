import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import type { Container } from '@netweir/api';
import { Discovery } from '../discovery.ts';
import type { DiscoveryChange } from '../model.ts';
import { ipBatch, run, uniqueName, until } from '../witness.test-support.ts';
import { container, FakeSource, isolatedProcess } from './containers.test-support.ts';

async function opened(t: TestContext): Promise<{ source: FakeSource; discovery: Discovery }> {
  const source = new FakeSource();
  const discovery = await Discovery.open({ containers: source.follow });
  t.after(() => discovery.close());
  return { source, discovery };
}

/** Descriptors of this process that lead to a network namespace. */
function descriptorsOf(inode: number): string[] {
  return readdirSync('/proc/self/fd').filter((fd) => {
    const stat = statSync(`/proc/self/fd/${fd}`, { throwIfNoEntry: false });
    return stat?.ino === inode;
  });
}

test('a container is a space by its name, with what is inside', async (t) => {
  const { source, discovery } = await opened(t);
  const { pid, inode } = await isolatedProcess(t);
  run('nsenter', '-t', `${pid}`, '-n', 'ip', 'link', 'add', 'v0', 'type', 'veth', 'peer', 'v1');
  source.tell([container('web', { pid })]);
  await until(discovery, 'the space', () => discovery.space('docker:web') !== undefined);
  const space = discovery.space('docker:web');
  assert.equal(space?.namespace.identity.ino, inode);
  assert.equal(space?.kind, 'docker');
  assert.deepEqual(
    [...(space?.interfaces.values() ?? [])].map(({ name }) => name),
    ['lo', 'v1', 'v0'],
  );
});

test('a container that ends leaves no descriptor of its namespace', async (t) => {
  const { source, discovery } = await opened(t);
  const { pid, inode } = await isolatedProcess(t);
  source.tell([container('web', { pid })]);
  await until(discovery, 'the space', () => discovery.space('docker:web') !== undefined);
  assert.equal(descriptorsOf(inode).length, 1);
  source.tell([]);
  await until(discovery, 'its end', () => discovery.space('docker:web') === undefined);
  assert.deepEqual(descriptorsOf(inode), []);
});

test('the end of a container is seen where its runtime says nothing', async (t) => {
  const { source, discovery } = await opened(t);
  const { pid, inode, end } = await isolatedProcess(t);
  source.tell([container('web', { pid })]);
  await until(discovery, 'the space', () => discovery.space('docker:web') !== undefined);
  await end();
  await until(discovery, 'its end', () => discovery.space('docker:web') === undefined, 5000);
  assert.deepEqual(descriptorsOf(inode), []);
});

test('a namespace has all names that lead to it, the first of which may change', async (t) => {
  const { source, discovery } = await opened(t);
  const { pid, inode } = await isolatedProcess(t);
  const name = uniqueName();
  run('ip', 'netns', 'attach', name, `${pid}`);
  t.after(() => ipBatch([`netns delete ${name}`], { force: true }));
  await until(discovery, 'the name', () => discovery.space(`netns:${name}`) !== undefined);
  const changes: DiscoveryChange[] = [];
  discovery.onChanges((some) => changes.push(...some));

  const createdAt = '2026-01-01T00:00:01.000Z';
  source.tell([container('side', { pid, createdAt }), container('web', { pid })]);
  await until(discovery, 'the container', () => discovery.space('docker:web') !== undefined);
  const space = discovery.space(`netns:${name}`);
  assert.equal(space?.id, 'docker:web');
  assert.deepEqual(space?.aliases, ['docker:side', `netns:${name}`]);
  assert.deepEqual(
    space?.containers.map((one) => one.name),
    ['web', 'side'],
  );
  assert.deepEqual(
    changes.map((change) => (change.type === 'space' ? change.space.id : change)),
    [{ type: 'space-removed', id: `netns:${name}`, key: space?.namespace.key }, 'docker:web'],
  );
  assert.equal(descriptorsOf(inode).length, 1);

  source.tell([container('side', { pid, state: 'paused' })]);
  await until(discovery, 'the other', () => discovery.space('docker:web') === undefined);
  assert.equal(discovery.space('docker:side')?.containers[0]?.state, 'paused');
});

test('the containers of a pod are one space, by the name of the pod', async (t) => {
  const { source, discovery } = await opened(t);
  const { pid } = await isolatedProcess(t);
  const pod = { namespace: 'shop', name: 'cart-0', labels: {}, annotations: {} };
  const one = (id: string) => container(id, { runtime: 'containerd', pid, pod });
  source.tell([one('aaaaaaaaaaaaa'), one('bbbbbbbbbbbbb')]);
  await until(discovery, 'the pod', () => discovery.space('pod:shop/cart-0') !== undefined);
  const space = discovery.space('pod:shop/cart-0');
  assert.deepEqual(space?.aliases, ['containerd:aaaaaaaaaaaa', 'containerd:bbbbbbbbbbbb']);
  assert.equal(space?.containers.length, 2);
});

test('an interface that goes while its space gets another name is told to be gone', async (t) => {
  const { source, discovery } = await opened(t);
  const { pid } = await isolatedProcess(t);
  const inside = ['nsenter', '-t', `${pid}`, '-n', 'ip', 'link'] as const;
  run(...inside, 'add', 'v0', 'type', 'veth', 'peer', 'v1');
  source.tell([container('web', { pid })]);
  await until(discovery, 'both', () => discovery.space('docker:web')?.interfaces.size === 3);
  const ifindex = discovery.find('docker:web', 'v0')?.ifindex;
  const told: DiscoveryChange[] = [];
  discovery.onChanges((changes) => void told.push(...changes));
  // Both are known when the next look is taken.
  source.tell([container('web', { pid, name: 'www' })]);
  await new Promise((resolve) => setImmediate(resolve));
  run(...inside, 'del', 'v0');
  discovery.refresh('docker:www');
  assert.equal(discovery.space('docker:www')?.interfaces.size, 1);
  const gone = told.filter((one) => one.type === 'interface-removed');
  assert.ok(gone.some((one) => one.ifindex === ifindex));
  assert.equal(gone.length, 2);
});

test('an interface is in the network that gave it its MAC address, or its IP address', async (t) => {
  const { source, discovery } = await opened(t);
  const { pid } = await isolatedProcess(t);
  const inside = (...line: string[]): string => run('nsenter', '-t', `${pid}`, '-n', 'ip', ...line);
  inside('link', 'add', 'v0', 'address', '02:00:00:00:00:AA', 'type', 'veth', 'peer', 'v1');
  inside('address', 'add', '10.1.2.3/24', 'dev', 'v1');
  const network = { driver: 'bridge', bridge: null, addresses: [], gateways: [], mac: null };
  const networks: Container['networks'] = [
    { ...network, name: 'back', internal: true, mac: '02:00:00:00:00:AA' },
    { ...network, name: 'front', internal: false, addresses: ['10.1.2.3/24'] },
  ];
  source.tell([container('web', { pid, networks })]);
  await until(discovery, 'the space', () => discovery.space('docker:web') !== undefined);
  assert.equal(discovery.find('docker:web', 'v0')?.network?.name, 'back');
  assert.equal(discovery.find('docker:web', 'v0')?.network?.internal, true);
  assert.equal(discovery.find('docker:web', 'v1')?.network?.name, 'front');
  assert.equal(discovery.find('docker:web', 'lo')?.network, null);
});

test("a container on the host's network is shown at the host, and another's number is not", async (t) => {
  const { source, discovery } = await opened(t);
  const host = {
    name: 'host',
    driver: 'host',
    internal: false,
    bridge: null,
    addresses: [],
    gateways: [],
    mac: null,
  };
  source.tell([
    container('agent', { pid: process.pid, networks: [host] }),
    container('gone', { pid: process.pid }),
  ]);
  await until(discovery, 'the alias', () => discovery.space('docker:agent') !== undefined);
  assert.equal(discovery.space('docker:agent')?.id, 'host');
  assert.deepEqual(
    discovery.space('host')?.containers.map((one) => one.name),
    ['agent'],
  );
  assert.equal(discovery.space('docker:gone'), undefined);
});

test('a bare process is a space by its number, until a container is known to be there', async (t) => {
  const { source, discovery } = await opened(t);
  const { pid, inode } = await isolatedProcess(t);
  const dev = discovery.space('host')?.namespace.identity.dev ?? 0;
  const namespaces = [{ dev, ino: inode, pid, command: 'sleep 120' }];
  source.tell([], { namespaces });
  await until(discovery, 'the space', () => discovery.space(`pid:${pid}`) !== undefined);
  assert.equal(discovery.space(`pid:${pid}`)?.command, 'sleep 120');
  source.tell([container('web', { pid })], { namespaces });
  await until(discovery, 'the name', () => discovery.space('docker:web') !== undefined);
  assert.deepEqual(discovery.space('docker:web')?.aliases, []);
});

test('stopped containers and the state of runtimes are told', async (t) => {
  const { source, discovery } = await opened(t);
  const status = {
    runtime: 'docker' as const,
    endpoint: '/run/docker.sock',
    state: 'stale' as const,
    detail: 'no answer',
    currentAt: null,
  };
  source.tell([container('old', { state: 'stopped' })], { status });
  await until(discovery, 'the stopped one', () => discovery.stopped().length === 1);
  assert.deepEqual(discovery.runtimes(), [status]);
  assert.equal(discovery.space('docker:old'), undefined);
});
