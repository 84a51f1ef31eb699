import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { addVeth, NetworkNamespace } from '@netweir/kernel';
import { Discovery } from './discovery.ts';
import type { LabNodeName } from './space-name.ts';
import { follow, makeNamespaces, until } from './witness.test-support.ts';

/** A discovery, and a namespace that only this process holds, with the end `v1` of a veth pair. */
async function setStage(t: TestContext) {
  const [name = ''] = makeNamespaces(t, 1);
  const node = NetworkNamespace.anonymous();
  t.after(() => node.close());
  using named = NetworkNamespace.openNamed(name);
  using netlink = named.netlink();
  netlink.batch([addVeth({ name: 'v0' }, { name: 'v1', netnsFd: node.fd })]);
  const discovery = await Discovery.open();
  t.after(() => discovery.close());
  return { discovery, node, outside: `netns:${name}` };
}

test('a namespace that this process holds is a space by the name that it is given', async (t) => {
  const { discovery, node, outside } = await setStage(t);
  const followed = follow(discovery);
  discovery.nameNodes(new Map<LabNodeName, NetworkNamespace>([['demo/laptop', node]]));
  const space = discovery.space('lab:demo/laptop');
  assert.deepEqual(
    [space?.kind, space?.name, space?.aliases, space?.namespace.key],
    ['lab', 'demo/laptop', [], node.key],
  );
  assert.deepEqual(
    [...(space?.interfaces.values() ?? [])].map(({ name }) => name),
    ['lo', 'v1'],
  );
  assert.deepEqual(discovery.find('lab:demo/laptop', 'v1')?.peer, {
    space: outside,
    interface: 'v0',
    ifindex: discovery.find(outside, 'v0')?.ifindex,
  });
  assert.ok(followed.has('lab:demo/laptop'));
});

test('a namespace whose name is taken from it is no space, and is not kept alive', async (t) => {
  const { discovery, node, outside } = await setStage(t);
  const followed = follow(discovery);
  discovery.nameNodes(new Map<LabNodeName, NetworkNamespace>([['demo/laptop', node]]));
  node.close();
  assert.ok(discovery.find(outside, 'v0'), 'the discovery does not hold it');
  discovery.unnameNodes(['demo/laptop']);
  assert.equal(discovery.space('lab:demo/laptop'), undefined);
  assert.ok(!followed.has('lab:demo/laptop'));
  await until(discovery, 'the other end goes', () => !discovery.find(outside, 'v0'));
});

test('names are given to all of several namespaces, or to none', async (t) => {
  const { discovery, node } = await setStage(t);
  const closed = NetworkNamespace.anonymous();
  closed.close();
  const nodes = new Map<LabNodeName, NetworkNamespace>([
    ['demo/laptop', node],
    ['demo/home', closed],
  ]);
  assert.throws(() => discovery.nameNodes(nodes), { name: 'KernelError' });
  assert.equal(discovery.space('lab:demo/laptop'), undefined);
});
