import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NetworkNamespace } from '@netweir/kernel';
import { Discovery } from './discovery.ts';
import { ipBatch, makeNamespaces } from './witness.test-support.ts';

test('who catches up finds what has a name now, before any event is read', async (t) => {
  const [name = ''] = makeNamespaces(t, 1);
  const id = `netns:${name}`;
  const inside = (lines: string[]): void => ipBatch(lines.map((line) => `-n ${name} ${line}`));
  const indexOf = (interfaceName: string): number | undefined => {
    discovery.catchUp(id, interfaceName);
    return discovery.find(id, interfaceName)?.ifindex;
  };
  inside(['link add v0 type veth peer name v1']);
  await using discovery = await Discovery.open();
  const [v0, v1] = [indexOf('v0'), indexOf('v1')];
  assert.ok(v0 !== undefined && v1 !== undefined && v0 !== v1);

  inside(['link set v0 name v2', 'link set v1 name v0', 'link set v2 name v1']);
  assert.deepEqual([indexOf('v0'), indexOf('v1')], [v1, v0]);

  inside(['link add v3 type veth peer name v4']);
  assert.ok(indexOf('v3') !== undefined);

  inside(['link del v3']);
  assert.equal(indexOf('v3'), undefined);

  ipBatch([`netns delete ${name}`, `netns add ${name}`]);
  assert.equal(indexOf('v0'), undefined);
  using now = NetworkNamespace.openNamed(name);
  assert.equal(discovery.space(id)?.namespace.key, now.key);

  ipBatch([`netns delete ${name}`]);
  indexOf('lo');
  assert.equal(discovery.space(id), undefined);

  ipBatch([`netns add ${name}`]);
  assert.ok(indexOf('lo') !== undefined);
  indexOf('../lo');
  discovery.catchUp('netns:../netns', 'lo');
  assert.deepEqual([...discovery.unreadable().keys()].includes('../netns'), false);
});
