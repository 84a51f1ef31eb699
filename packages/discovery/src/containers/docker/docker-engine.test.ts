import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Container } from '@netweir/api';
import {
  containerEvent,
  FakeEngine,
  fakeDocker,
  golden,
  running,
  setContainers,
  until,
  Watched,
} from '../engine/fake-engine.test-support.ts';

/** Docker 20.10.24 of Debian 12. */
async function recorded(): Promise<FakeEngine> {
  const engine = new FakeEngine();
  for (const name of ['version', 'networks', 'info']) {
    engine.answers.set(`/${name}`, JSON.parse(golden(`docker/${name}.json`)));
  }
  engine.answers.set('/containers/json', JSON.parse(golden('docker/list.json')));
  for (const one of JSON.parse(golden('docker/containers.json'))) {
    engine.answers.set(`/containers/${one.Id}/json`, one);
  }
  return engine.listen();
}

async function containers(): Promise<(name: string) => Container> {
  await using engine = await recorded();
  await using watched = new Watched(engine.path);
  await watched.reaches('current');
  for (const container of watched.view.containers) Container.parse(container);
  return (name) => {
    const container = watched.view.containers.find((one) => one.name === name);
    assert.ok(container, name);
    return { ...container, endpoint: null };
  };
}

test("a container of Docker's is translated whole", async () => {
  const find = await containers();
  const web = find('web');
  assert.deepEqual(web, {
    runtime: 'docker',
    endpoint: null,
    id: '7d65ebad862ccfd400e9f07254900e9a27b890ba54e819713cfbfb7c141d37d5',
    name: 'web',
    image: 'busybox',
    state: 'running',
    pid: 6241,
    createdAt: '2026-11-22T14:24:39.801Z',
    labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' },
    compose: { project: 'shop', service: 'web' },
    pod: null,
    rootless: false,
    networks: [
      {
        name: 'shop_db',
        driver: 'bridge',
        internal: true,
        bridge: 'br-b3f8070e3a9f',
        addresses: ['172.18.0.2'],
        gateways: ['172.18.0.1'],
        mac: '02:42:ac:12:00:02',
      },
      {
        name: 'shop_default',
        driver: 'bridge',
        internal: false,
        bridge: 'br-8040e439f488',
        addresses: ['172.30.1.2'],
        gateways: ['172.30.1.1'],
        mac: '02:42:ac:1e:01:02',
      },
    ],
    ports: [
      { containerPort: 53, protocol: 'udp', hostAddress: '0.0.0.0', hostPort: 53 },
      { containerPort: 53, protocol: 'udp', hostAddress: '::', hostPort: 53 },
      { containerPort: 80, protocol: 'tcp', hostAddress: '127.0.0.1', hostPort: 18080 },
      { containerPort: 9000, protocol: 'tcp', hostAddress: null, hostPort: null },
    ],
  });
});

test("states and networks of Docker's containers are those of the contract", async () => {
  const find = await containers();
  const of = (name: string): string => {
    const { state, pid, networks } = find(name);
    const attached = networks.map((one) => `${one.name}=${one.driver}=${one.bridge}`);
    return `${state} ${pid} ${attached}`;
  };
  assert.equal(of('plain'), 'paused 6327 bridge=bridge=docker0');
  assert.equal(of('onhost'), 'running 6404 host=host=null');
  assert.equal(of('sidecar'), 'running 6451 ');
  assert.equal(of('lonely'), 'running 6499 none=null=null');
  assert.equal(of('created'), 'stopped null bridge=null=null');
  assert.equal(of('exited'), 'stopped null bridge=bridge=docker0');
});

test("each of Docker's events leads to one inspection of its container, or to none", async () => {
  await using engine = await recorded();
  await using watched = new Watched(engine.path);
  await watched.reaches('current');
  await until(() => engine.listeners === 1);
  const lines = golden('docker/events.ndjson').trim().split('\n');
  const network = lines.find((line) => line.includes('"connect"')) ?? '';
  const id = JSON.parse(network).Actor.Attributes.container;
  const inspections = (): string[] =>
    engine.requests.filter((path) => path.endsWith(`/containers/${id}/json`));
  assert.equal(inspections().length, 1);
  engine.raw(`${network}\n`);
  await until(() => inspections().length === 2);
  engine.event(containerEvent('exec_start: sh', id));
  engine.event(containerEvent('start', '../../networks'));
  for (const line of lines) engine.raw(`${line}\n`);
  await until(() => !watched.names.includes('none such') && inspections().length > 2);
  assert.equal(watched.status, 'current');
  assert.ok(engine.requests.every((path) => !path.includes('..')));
});

test('labels and names of strangers are limited', async () => {
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`l${index}`, 'x']));
  const Labels = { ['k'.repeat(300)]: 'gone', long: 'é'.repeat(5000), ...many };
  const odd = { ...running('odd'), Name: '/\u001b[31mred', Config: { Image: 'a\nb', Labels } };
  await using engine = await fakeDocker();
  setContainers(engine, odd);
  await using watched = new Watched(engine.path);
  await watched.reaches('current');
  const container = watched.view.containers[0];
  assert.equal(container?.name, 'odd');
  assert.equal(container?.image, 'a\uFFFDb');
  assert.equal(Object.keys(container?.labels ?? {}).length, 256);
  assert.equal(container?.labels.long, 'é'.repeat(2048));
});
