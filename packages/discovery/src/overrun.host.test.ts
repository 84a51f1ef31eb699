import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SocketHandler, SocketReader } from '@netweir/kernel';
import { monitor } from './monitor.ts';
import { openNamespace } from './namespace-directory.ts';
import { Registry } from './registry.ts';
import { Space } from './space.ts';
import { namedByFile } from './space-name.ts';
import { discovered, ipBatch, makeNamespaces, witnessed } from './witness.test-support.ts';

/** Each makes two events of about 2 KiB with what the kernel adds: more than the 8 MiB of the queue. */
const TOGGLES = 10_000;
const DEADLINE_MS = 5000;

test('after events were lost the state is read anew', async (t) => {
  const [name = ''] = makeNamespaces(t, 1);
  ipBatch([`-n ${name} link add b0 type bridge`]);
  const namespace = openNamespace(`/run/netns/${name}`);
  assert(typeof namespace === 'object' && 'netlink' in namespace);
  const registry = new Registry();
  t.after(() => registry.close());
  const space = new Space([namedByFile(name)], namespace);
  registry.add(space);
  const waiting: [fd: number, handler: SocketHandler][] = [];
  // A reader that is late: the socket exists, and nobody receives from it yet.
  const late = { add: (fd: number, handler: SocketHandler) => waiting.push([fd, handler]) };
  let lost = () => {};
  const isLost = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(reject, DEADLINE_MS, new Error('no loss was told'));
    lost = () => {
      clearTimeout(timer);
      resolve();
    };
  });
  monitor(late, namespace, {
    trafficControlChanged: () => undefined,
    interfaceChanged: () => {},
    nsidChanged: () => {},
    lost: () => {
      registry.lost(space);
      lost();
    },
  });
  registry.flush();
  const lines = Array.from({ length: TOGGLES }, (_, i) => `link set b0 mtu ${1000 + (i % 2)}`);
  ipBatch(
    [...lines, 'link set b0 name b1', 'addr add 10.9.0.1/24 dev b1'].map((l) => `-n ${name} ${l}`),
  );
  await using reader = new SocketReader();
  for (const [fd, handler] of waiting) reader.add(fd, handler);
  await isLost;
  assert.notDeepEqual(discovered(space), witnessed(name));
  registry.flush();
  assert.deepEqual(discovered(space), witnessed(name));
});
