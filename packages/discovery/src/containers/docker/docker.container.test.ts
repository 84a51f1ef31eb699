import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../engine/fake-engine.test-support.ts';
import { RealEngine } from '../engine/real-engine.test-support.ts';

/** A Docker that starts ends what is left of its containers, and waits for them. */
const OPTIONS = ['--ulimit', 'nofile=1000:1000', '--stop-signal', 'KILL'];
const LATENCY_LIMIT_MS = 20;

test("Docker's containers are told of as Docker tells of them, at once, and through restarts", async (t) => {
  await using docker = new RealEngine('docker');
  assert.equal(docker.view.status?.state, 'connecting');
  await docker.start();
  await docker.makeImage();
  await docker.client('network', 'create', '--internal', 'shop');

  const latencies: number[] = [];
  for (const name of ['one', 'two', 'three', 'four', 'five']) {
    await docker.run(name, '--network', 'shop', ...OPTIONS);
    await until(() => docker.view.containers.some((one) => one.name === name && one.pid !== null));
    latencies.push(await docker.sinceEventMs('start'));
  }
  latencies.sort((a, b) => a - b);
  t.diagnostic(`from Docker's start event: ${latencies.map((ms) => ms.toFixed(1)).join(', ')} ms`);
  assert.ok((latencies[2] ?? Infinity) < LATENCY_LIMIT_MS);

  const [inspected] = JSON.parse(await docker.client('inspect', 'one'));
  const [network] = JSON.parse(await docker.client('network', 'inspect', 'shop'));
  const shop = inspected.NetworkSettings.Networks.shop;
  const found = docker.view.containers.find(({ name }) => name === 'one');
  assert.ok(found);
  assert.equal(found.pid, inspected.State.Pid);
  assert.equal(found.rootless, false);
  assert.deepEqual(found.networks, [
    {
      name: 'shop',
      driver: 'bridge',
      internal: true,
      bridge: `br-${network.Id.slice(0, 12)}`,
      addresses: [shop.IPAddress],
      gateways: [shop.Gateway],
      mac: shop.MacAddress,
    },
  ]);

  const state = (name: string): string | undefined =>
    docker.view.containers.find((one) => one.name === name)?.state;
  await docker.client('pause', 'one');
  await until(() => state('one') === 'paused');
  await docker.client('rename', 'one', 'renamed');
  await until(() => state('renamed') === 'paused');
  await docker.client('unpause', 'renamed');
  await until(() => state('renamed') === 'running');
  await docker.client('kill', 'two');
  await until(() => state('two') === 'stopped');
  await docker.client('rm', '--force', 'three');
  await until(() => state('three') === undefined);
  await docker.client('network', 'connect', 'bridge', 'four');
  const networks = (name: string): string[] | undefined =>
    docker.view.containers.find((one) => one.name === name)?.networks.map((one) => one.name);
  await until(() => networks('four')?.includes('bridge') === true);

  docker.signal('SIGKILL');
  await docker.ended();
  await docker.reaches('stale');
  assert.equal(docker.view.containers.length, 4);
  assert.equal(state('renamed'), 'running');
  await docker.start();
  assert.equal(docker.view.containers.length, 4);
  await docker.client('rm', '--force', 'renamed', 'two', 'four', 'five');
  await until(() => docker.view.containers.length === 0);
});

test('a Docker that hangs is found out, and that it is over', async () => {
  await using docker = new RealEngine('docker');
  await docker.start();
  docker.signal('SIGSTOP');
  await until(() => docker.view.status?.state === 'stale', undefined, 30_000);
  assert.match(docker.view.status?.detail ?? '', /GET \/_ping: no answer within 5 s/);
  docker.signal('SIGCONT');
  await docker.reaches('current');
});
