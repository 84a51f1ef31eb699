import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import { CONTAINERD } from '../containerd/descriptors.ts';
import { FakeContainerd } from '../containerd/fake-containerd.test-support.ts';
import { serve, socketFolder, unary, until } from '../grpc/fake-server.test-support.ts';
import type { ContainerSource } from '../source.ts';
import { openCriSource } from './cri-source.ts';
import { CRI } from './descriptors.ts';

const SERVICE = 'runtime.v1.RuntimeService';
const sources: ContainerSource[] = [];

function open(path: string): ContainerSource {
  const source = openCriSource(path, () => {});
  sources.push(source);
  return source;
}

const stateOf = (source: ContainerSource) => source.view.status?.state;

const POD = {
  id: 'p1',
  metadata: { name: 'web-0', namespace: 'shop' },
  state: 'SANDBOX_READY',
  createdAt: 1_700_000_000_000_000_000,
  labels: { app: 'web' },
  annotations: { note: 'x' },
};

/** A runtime whose pods are set by a test. */
class FakeRuntime {
  name = 'cri-o';
  pods: object[] = [POD];
  containers: object[] = [];
  statuses = 0;
  readonly followers: { write(event: object): boolean }[] = [];

  methods(): UntypedServiceImplementation {
    const info = { info: JSON.stringify({ pid: 77, runtimeSpec: {} }) };
    const status = { network: { ip: '10.0.0.7', additionalIps: [{ ip: 'fd00::7' }] } };
    return {
      Version: unary(() => ({ runtimeName: this.name })),
      ListPodSandbox: unary(() => ({ items: this.pods })),
      PodSandboxStatus: unary(() => {
        this.statuses += 1;
        return { status, info };
      }),
      ListContainers: unary(() => ({ containers: this.containers })),
      ContainerStatus: unary(() => ({ info: { info: '{"pid": "none", "cniResult": 3}' } })),
    };
  }

  withEvents(): UntypedServiceImplementation {
    const GetContainerEvents = (stream: { write(event: object): boolean }): void => {
      this.followers.push(stream);
    };
    return { ...this.methods(), GetContainerEvents };
  }
}

afterEach(async () => {
  for (const source of sources.splice(0)) await source.close();
});

describe('a runtime that serves CRI', () => {
  test('has its pods told, each with its sandbox even where it has nothing else', async () => {
    await using folder = await socketFolder();
    const path = join(folder.path, 'crio');
    using _ = await serve(path, CRI, { [SERVICE]: new FakeRuntime().methods() });
    const source = open(path);
    await until(() => stateOf(source) === 'current');
    assert.equal(source.view.status?.runtime, 'cri-o');
    assert.deepEqual(source.view.containers, [
      {
        runtime: 'cri-o',
        endpoint: path,
        id: 'p1',
        name: 'web-0',
        image: null,
        state: 'running',
        pid: 77,
        createdAt: '2023-11-14T22:13:20.000Z',
        labels: { app: 'web' },
        compose: null,
        pod: {
          namespace: 'shop',
          name: 'web-0',
          labels: { app: 'web' },
          annotations: { note: 'x' },
        },
        rootless: false,
        networks: [
          {
            name: 'cni',
            driver: null,
            internal: false,
            bridge: null,
            addresses: ['10.0.0.7', 'fd00::7'],
            gateways: [],
            mac: null,
          },
        ],
        ports: [],
      },
    ]);
  });

  test('is followed by its own events, and asked for the status of what is new only', async () => {
    await using folder = await socketFolder();
    const path = join(folder.path, 'crio');
    const fake = new FakeRuntime();
    using _ = await serve(path, CRI, { [SERVICE]: fake.withEvents() });
    const source = open(path);
    await until(() => fake.followers.length === 1);
    fake.containers = [
      { id: 'c1', podSandboxId: 'p1', metadata: { name: 'app' }, state: 'CONTAINER_RUNNING' },
    ];
    fake.followers[0]?.write({ containerId: 'c1' });
    await until(() => source.view.containers.length === 2, 1500);
    const [, container] = source.view.containers;
    assert.deepEqual([container?.name, container?.pid], ['app', null]);
    assert.equal(container?.pod?.name, 'web-0');
    assert.equal(fake.statuses, 1);
  });

  test('is asked every two seconds where it has no events', async () => {
    await using folder = await socketFolder();
    const path = join(folder.path, 'crio');
    const fake = new FakeRuntime();
    using _ = await serve(path, CRI, { [SERVICE]: fake.methods() });
    const source = open(path);
    await until(() => source.view.containers.length === 1);
    fake.pods = [];
    await until(() => source.view.containers.length === 0, 5000);
    assert.equal(stateOf(source), 'current');
  });

  test('is followed by the events of containerd where it is one, which no kubelet misses', async () => {
    await using folder = await socketFolder();
    const path = join(folder.path, 's');
    const fake = new FakeRuntime();
    fake.name = 'containerd';
    const containerd = new FakeContainerd();
    const services = { ...containerd.services(), [SERVICE]: fake.withEvents() };
    using _ = await serve(path, CRI, services);
    const source = open(path);
    await until(() => containerd.followers.length === 1);
    fake.pods = [];
    containerd.tell('/tasks/exit');
    await until(() => source.view.containers.length === 0, 1500);
    assert.equal(fake.followers.length, 0);
  });
});

test('a socket that does not serve CRI has no status', async () => {
  await using folder = await socketFolder();
  const path = join(folder.path, 's');
  using _ = await serve(path, CONTAINERD, new FakeContainerd().services());
  const source = open(path);
  assert.equal(stateOf(source), 'connecting');
  await until(() => source.view.status === null);
  assert.deepEqual(source.view.containers, []);
});
