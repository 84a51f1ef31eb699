import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { message, packages, service } from '../grpc/descriptors.ts';
import { serve, socketFolder, unary, until } from '../grpc/fake-server.test-support.ts';
import type { ContainerSource } from '../source.ts';
import { openContainerdSource } from './containerd-source.ts';
import { CONTAINERD } from './descriptors.ts';
import { FakeContainerd } from './fake-containerd.test-support.ts';

const PROGRAM = fileURLToPath(import.meta.resolve('./open-and-end.test-support.js'));
const NOBODY = 65534;

const sources: ContainerSource[] = [];

function open(path: string): ContainerSource {
  const source = openContainerdSource(path, () => {});
  sources.push(source);
  return source;
}

const stateOf = (source: ContainerSource) => source.view.status?.state;

afterEach(async () => {
  for (const source of sources.splice(0)) await source.close();
});

describe('what a containerd tells', () => {
  test('is read from all its namespaces, with the states of tasks', async () => {
    await using folder = await socketFolder();
    const path = join(folder.path, 's');
    const fake = new FakeContainerd();
    fake.containers = {
      default: [
        {
          id: 'a1',
          image: 'docker.io/library/redis:7',
          labels: {
            'nerdctl/name': 'cache',
            'com.docker.compose.project': 'shop',
            'com.docker.compose.service': 'redis',
          },
          createdAt: { seconds: 1_700_000_000, nanos: 5e8 },
        },
        { id: 'idle' },
      ],
      moby: [{ id: 'd0' }],
    };
    fake.tasks = {
      default: [{ id: 'a1', pid: 41, status: 'RUNNING' }],
      moby: [{ containerId: 'd0', id: 'x', pid: 42, status: 'PAUSED' }],
    };
    using _ = await fake.serve(path);
    const source = open(path);
    assert.equal(stateOf(source), 'connecting');
    await until(() => stateOf(source) === 'current');
    const [cache, idle, docker] = source.view.containers;
    assert.deepEqual(cache, {
      runtime: 'containerd',
      endpoint: path,
      id: 'a1',
      name: 'cache',
      image: 'docker.io/library/redis:7',
      state: 'running',
      pid: 41,
      createdAt: '2023-11-14T22:13:20.500Z',
      labels: fake.containers.default?.[0] && Object(fake.containers.default[0]).labels,
      compose: { project: 'shop', service: 'redis' },
      pod: null,
      rootless: false,
      networks: [],
      ports: [],
    });
    assert.deepEqual([idle?.name, idle?.state, idle?.pid], ['idle', 'stopped', null]);
    assert.deepEqual([docker?.id, docker?.state, docker?.pid], ['d0', 'paused', 42]);
  });

  test('is read again when it tells of an event', async () => {
    await using folder = await socketFolder();
    const path = join(folder.path, 's');
    const fake = new FakeContainerd();
    using _ = await fake.serve(path);
    const source = open(path);
    await until(() => fake.followers.length === 1);
    fake.containers = { default: [{ id: 'new' }] };
    fake.tell('/tasks/start');
    await until(() => source.view.containers.length === 1, 2000);
  });

  test('is cut where it is too much', async () => {
    await using folder = await socketFolder();
    const path = join(folder.path, 's');
    const fake = new FakeContainerd();
    const labels = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`k${at}`, 'v']));
    labels.k0 = 'x'.repeat(5000);
    labels['y'.repeat(257)] = 'gone';
    fake.containers = { default: [{ id: 'a\u001b[2J\u202eb', labels }] };
    using _ = await fake.serve(path);
    const source = open(path);
    await until(() => stateOf(source) === 'current');
    const [container] = source.view.containers;
    assert.equal(container?.name, 'a\ufffd[2J\ufffdb');
    assert.equal(Object.keys(container.labels).length, 256);
    assert.equal(container.labels.k0?.length, 4096);
  });

  test('may be a flood of events, of which few have it read', async () => {
    await using folder = await socketFolder();
    const path = join(folder.path, 's');
    const fake = new FakeContainerd();
    using _ = await fake.serve(path);
    open(path);
    await until(() => fake.followers.length === 1);
    const before = fake.lists;
    for (let at = 0; at < 20_000; at++) fake.tell('/tasks/start');
    await until(() => fake.lists > before + 2);
    assert.ok(fake.lists < before + 100, `${fake.lists} readings`);
  });
});

describe('a containerd that fails', () => {
  test('leaves its containers as they were, and is current again when it is back', async () => {
    await using folder = await socketFolder();
    const path = join(folder.path, 's');
    const fake = new FakeContainerd();
    fake.containers = { default: [{ id: 'kept' }] };
    const first = await fake.serve(path);
    const source = open(path);
    await until(() => stateOf(source) === 'current');
    first.close();
    await until(() => stateOf(source) === 'stale');
    assert.equal(source.view.containers[0]?.id, 'kept');
    assert.notEqual(source.view.status?.detail, null);
    assert.notEqual(source.view.status?.currentAt, null);
    fake.containers = { default: [{ id: 'other' }] };
    using _ = await fake.serve(path);
    await until(() => stateOf(source) === 'current');
    assert.equal(source.view.containers[0]?.id, 'other');
  });

  test('is stale where its socket is gone', async () => {
    await using folder = await socketFolder();
    const source = open(join(folder.path, 'none'));
    await until(() => stateOf(source) === 'stale');
    assert.match(source.view.status?.detail ?? '', /ENOENT/u);
  });

  test('is stale where nobody answers, after five seconds', async () => {
    await using folder = await socketFolder();
    const path = join(folder.path, 's');
    const server = createServer((socket) => socket.resume()).listen(path);
    await once(server, 'listening');
    const source = open(path);
    await until(() => stateOf(source) === 'stale');
    assert.match(source.view.status?.detail ?? '', /deadline/iu);
    await source.close();
    // Which takes until all its connections have gone.
    await once(server.close(), 'close');
  });

  test('is stale where it speaks something else', async () => {
    await using folder = await socketFolder();
    const path = join(folder.path, 's');
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\nwhat?');
    }).listen(path);
    await once(server, 'listening');
    const source = open(path);
    await until(() => stateOf(source) === 'stale');
    server.close();
  });

  test('is stale where it answers 50 MB', async () => {
    await using folder = await socketFolder();
    const path = join(folder.path, 's');
    const fake = new FakeContainerd();
    fake.containers = { default: [{ id: 'x'.repeat(50 * 1024 * 1024) }] };
    using _ = await fake.serve(path);
    const source = open(path);
    await until(() => stateOf(source) === 'stale');
    assert.match(source.view.status?.detail ?? '', /larger than max/u);
    assert.deepEqual(source.view.containers, []);
  });

  test('is stale where its answers cannot be decoded', async () => {
    await using folder = await socketFolder();
    const path = join(folder.path, 's');
    const name = 'containerd.services.namespaces.v1.Namespaces';
    // Bytes of another wire type than the list's.
    const rubbish = packages({
      'containerd.services.namespaces.v1': {
        Namespaces: service({ List: { name: 'ListNamespaces' } }),
        ListNamespacesRequest: message({}),
        ListNamespacesResponse: message({ number: ['fixed32', 1] }),
      },
    });
    const List = unary(() => ({ number: 0xffff_ffff }));
    using _ = await serve(path, rubbish, { [name]: { List } });
    const source = open(path);
    await until(() => stateOf(source) === 'stale');
  });

  test('is refused where it says so', async () => {
    await using folder = await socketFolder();
    const path = join(folder.path, 's');
    const List = unary(() => {
      throw Object.assign(new Error('not for you'), { code: 7, details: 'not for you' });
    });
    using _ = await serve(path, CONTAINERD, {
      'containerd.services.namespaces.v1.Namespaces': { List },
    });
    const source = open(path);
    await until(() => stateOf(source) === 'refused');
    assert.match(source.view.status?.detail ?? '', /not for you/u);
  });
});

test('a source does not keep the process alive', async () => {
  await using folder = await socketFolder();
  const path = join(folder.path, 's');
  const fake = new FakeContainerd();
  using _ = await fake.serve(path);
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, path], {
    timeout: 10_000,
  });
  assert.equal(stdout, 'current\n');
  assert.equal(fake.followers.length, 1);
});

test("a socket that is another user's is refused, not stale", async (t) => {
  if (process.getuid?.() !== 0) return t.skip('only root can become another user');
  await using folder = await socketFolder();
  const path = join(folder.path, 's');
  using _ = await new FakeContainerd().serve(path);
  await chmod(folder.path, 0o755);
  await chmod(path, 0o600);
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, path], {
    timeout: 10_000,
    uid: NOBODY,
  });
  assert.equal(stdout, 'refused\n');
});
