import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { Containerd, IMAGE, missing } from '../containerd/daemon.test-support.ts';
import { until } from '../grpc/fake-server.test-support.ts';
import { openCriSource } from './cri-source.ts';
import { Pods } from './pods.test-support.ts';

/** An event, not a poll. */
const PROMPT_MS = 4000;

test('a pod of a real containerd is shown with its sandbox, its containers and its network', async (t) => {
  const reason = missing();
  if (reason !== undefined) return t.skip(reason);
  await using containerd = await Containerd.start();
  containerd.importImage();
  const source = openCriSource(containerd.socket, () => {});
  t.after(() => source.close());
  await until(() => source.view.status?.state === 'current');
  assert.equal(source.view.status?.runtime, 'containerd');

  const pods = new Pods(containerd.socket);
  t.after(() => pods.close());
  const known = (id: string) => source.view.containers.find((container) => container.id === id);
  const { pod, start } = await pods.run(IMAGE);
  try {
    await until(() => known(pod)?.state === 'running' && known(pod)?.pid !== null, PROMPT_MS);
    const sandbox = known(pod);
    assert.equal(sandbox?.name, 'web');
    assert.deepEqual(sandbox?.pod, {
      namespace: 'shop',
      name: 'web',
      labels: { app: 'web' },
      annotations: { note: 'a test' },
    });
    const [link] = JSON.parse(inNamespace(sandbox?.pid, 'ip', '-j', 'addr', 'show', 'eth0'));
    const [address] = link.addr_info;
    const [network] = sandbox?.networks ?? [];
    assert.deepEqual(network?.addresses, [address.local]);
    assert.equal(network?.mac, link.address);
    assert.equal(network?.bridge, containerd.bridge);

    const container = await start();
    await until(() => known(container)?.state === 'running', PROMPT_MS);
    assert.equal(known(container)?.name, 'app');
    assert.equal(known(container)?.image, IMAGE);
    assert.deepEqual(known(container)?.networks, sandbox?.networks);
    const listed = containerd.ctr('-n', 'k8s.io', 'tasks', 'ls');
    assert.match(listed, new RegExp(`${container}\\s+${known(container)?.pid}\\s`, 'u'));
  } finally {
    await pods.remove(pod);
  }
  await until(() => known(pod) === undefined, PROMPT_MS);
});

function inNamespace(pid: number | null | undefined, ...command: string[]): string {
  return execFileSync('nsenter', ['--target', `${pid}`, '--net', ...command], { encoding: 'utf8' });
}
