import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../engine/fake-engine.test-support.ts';
import { RealEngine } from '../engine/real-engine.test-support.ts';

test("Podman's containers and pods are told of as Podman tells of them", async (t) => {
  await using podman = new RealEngine('podman');
  await podman.start();
  assert.equal(podman.view.status?.runtime, 'podman');
  await podman.makeImage();
  await podman.client('network', 'create', '--internal', 'shop');
  await podman.run('a', '--network', 'shop');
  const find = (name: string) => podman.view.containers.find((one) => one.name === name);
  await until(() => find('a')?.state === 'running' && find('a')?.networks[0]?.bridge !== null);
  t.diagnostic(`from Podman's start event: ${(await podman.sinceEventMs('start')).toFixed(1)} ms`);

  const [inspected] = JSON.parse(await podman.client('inspect', 'a'));
  const [network] = JSON.parse(await podman.client('network', 'inspect', 'shop'));
  const shop = inspected.NetworkSettings.Networks.shop;
  assert.equal(find('a')?.pid, inspected.State.Pid);
  assert.deepEqual(find('a')?.networks, [
    {
      name: 'shop',
      driver: 'bridge',
      internal: true,
      bridge: network.network_interface,
      addresses: [shop.IPAddress],
      gateways: [shop.Gateway].filter(Boolean),
      mac: shop.MacAddress,
    },
  ]);

  const infra = ['--infra-image', 'busybox', '--infra-command', 'sleep 1000'];
  await podman.client('pod', 'create', '--name', 'trio', '--label', 'tier=back', ...infra);
  await podman.run('member', '--pod', 'trio');
  await until(() => find('member')?.state === 'running');
  const pod = { namespace: '', name: 'trio', labels: { tier: 'back' }, annotations: {} };
  assert.deepEqual(find('member')?.pod, pod);
  const id = JSON.parse(await podman.client('pod', 'inspect', 'trio')).InfraContainerID;
  const one = podman.view.containers.find((container) => container.id === id);
  assert.equal(one?.state, 'running');
  assert.deepEqual(one.pod, pod);

  await podman.client('kill', 'a');
  await until(() => find('a')?.state === 'stopped');
  podman.signal('SIGKILL');
  await podman.ended();
  await podman.reaches('stale');
  assert.equal(podman.view.containers.length, 3);
  await podman.start();
  await podman.client('pod', 'rm', '--force', '--time', '0', 'trio');
  await podman.client('rm', '--force', '--time', '0', 'a');
  await until(() => podman.view.containers.length === 0);
});
