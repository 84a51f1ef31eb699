import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { Container } from '@netweir/api';
import { FakeEngine, golden, until, Watched } from '../engine/fake-engine.test-support.ts';

/** Podman 4.3.1 of Debian 12. */
async function recorded(): Promise<FakeEngine> {
  const engine = new FakeEngine();
  engine.headers = { 'Libpod-Api-Version': '4.3.1' };
  engine.answers.set('/libpod/info', JSON.parse(golden('podman/info.json')));
  engine.answers.set('/libpod/networks/json', JSON.parse(golden('podman/networks.json')));
  engine.answers.set('/libpod/pods/json', JSON.parse(golden('podman/pods.json')));
  engine.answers.set('/libpod/containers/json', JSON.parse(golden('podman/list.json')));
  for (const one of JSON.parse(golden('podman/containers.json'))) {
    engine.answers.set(`/libpod/containers/${one.Id}/json`, one);
  }
  return engine.listen();
}

test("Podman's containers are translated, and it is known behind a socket of Docker's", async () => {
  await using engine = await recorded();
  await using watched = new Watched(engine.path, 'docker');
  await watched.reaches('current');
  assert.equal(watched.view.status?.runtime, 'podman');
  assert.ok(engine.requests.every((path) => /^\/(_ping|v4\.3\.1\/libpod\/.*)$/.test(path)));
  const find = (name: string): Container => {
    const container = watched.view.containers.find((one) => one.name === name);
    return Container.parse(container);
  };
  const web = find('web');
  assert.deepEqual(web, {
    runtime: 'podman',
    endpoint: `unix://${engine.path}`,
    id: '5bf0658facc988afd6fb7269ea616b70d8c13a9ca55a71d8002705eca442a975',
    name: 'web',
    image: 'localhost/busybox:latest',
    state: 'running',
    pid: 7412,
    createdAt: '2026-11-22T14:24:45.248Z',
    labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' },
    compose: { project: 'shop', service: 'web' },
    pod: null,
    rootless: false,
    networks: [
      {
        name: 'shop_db',
        driver: 'bridge',
        internal: true,
        bridge: 'podman2',
        addresses: ['10.89.1.3'],
        gateways: ['10.89.1.1'],
        mac: 'd2:71:86:8c:d5:bf',
      },
      {
        name: 'shop_default',
        driver: 'bridge',
        internal: false,
        bridge: 'podman1',
        addresses: ['10.89.0.2'],
        gateways: ['10.89.0.1'],
        mac: 'de:26:33:06:e6:fd',
      },
    ],
    ports: [
      { containerPort: 53, protocol: 'udp', hostAddress: null, hostPort: 1053 },
      { containerPort: 80, protocol: 'tcp', hostAddress: '127.0.0.1', hostPort: 18080 },
      { containerPort: 9000, protocol: 'tcp', hostAddress: null, hostPort: null },
    ],
  });
  const pod = { namespace: '', name: 'trio', labels: { tier: 'back' }, annotations: {} };
  assert.deepEqual(find('member').pod, pod);
  assert.deepEqual(find('member').networks, []);
  assert.deepEqual(find('37a22ed5b0b5-infra').pod, pod);
  assert.equal(find('37a22ed5b0b5-infra').networks[0]?.bridge, 'podman0');
  assert.equal(find('onhost').networks[0]?.driver, 'host');
  assert.deepEqual(find('sidecar').networks, []);
  assert.deepEqual(find('lonely').networks, []);
  assert.equal(find('plain').state, 'paused');
  assert.equal(find('created').state, 'stopped');
  assert.equal(find('exited').pid, null);
});

test('a container that goes while it is asked for is gone', async () => {
  await using engine = await recorded();
  await using watched = new Watched(engine.path);
  await watched.reaches('current');
  await until(() => engine.listeners === 1);
  const web = watched.view.containers.find(({ name }) => name === 'web');
  const message = `container ${web?.id} does not exist in database: no such container`;
  engine.answers.set(`/libpod/containers/${web?.id}/json`, (response: ServerResponse) => {
    response.writeHead(500).end(JSON.stringify({ cause: 'no such container', message }));
  });
  for (const line of golden('podman/events.ndjson').trim().split('\n')) engine.raw(`${line}\n`);
  await until(() => !watched.names.includes('web'));
  assert.equal(watched.status, 'current');
});

test("the headers of Podman's events are not waited for, as they come with the first event", async () => {
  await using engine = await recorded();
  engine.answers.set('/events', () => undefined);
  await using watched = new Watched(engine.path);
  await watched.reaches('current');
  assert.equal(watched.names.length, 9);
});

test('a Podman that is too old says so', async () => {
  await using engine = await recorded();
  engine.headers = { 'Libpod-Api-Version': '3.4.4' };
  await using watched = new Watched(engine.path, 'podman');
  await watched.reaches('stale');
  assert.match(watched.status, /Podman 3\.4\.4 is too old: 4\.0 or newer is needed/);
});
