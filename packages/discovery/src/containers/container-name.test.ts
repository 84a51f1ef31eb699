import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Container } from '@netweir/api';
import { namesOfContainers } from './container-name.ts';
import { container } from './containers.test-support.ts';
import { mergeContainers } from './merge.ts';

function idsOf(...containers: Container[]): string[][] {
  return [...namesOfContainers(containers).values()].map((names) => names.map(({ id }) => id));
}

const POD = { namespace: 'shop', name: 'cart-0', labels: {}, annotations: {} };

describe('the names of a container', () => {
  test('are its runtime and its name', () => {
    assert.deepEqual(idsOf(container('web')), [['docker:web']]);
    assert.deepEqual(idsOf(container('db', { runtime: 'podman' })), [['podman:db']]);
    assert.deepEqual(idsOf(container('vm', { runtime: 'systemd-nspawn' })), [['nspawn:vm']]);
  });

  test('begin with its pod, and end with its id where Kubernetes made it', () => {
    const one = container('abcdef0123456789', { runtime: 'containerd', pod: POD, name: 'cart' });
    assert.deepEqual(idsOf(one), [['pod:shop/cart-0', 'containerd:abcdef012345']]);
    const two = container('db', { runtime: 'podman', pod: { ...POD, namespace: '' } });
    assert.deepEqual(idsOf(two), [['pod:podman/cart-0', 'podman:db']]);
  });

  test('are the id for the younger of two that have one name', () => {
    const old = container('1111222233334444', { name: 'web' });
    const young = container('5555666677778888', { name: 'web' });
    assert.deepEqual(idsOf(old, young), [['docker:web'], ['docker:555566667777']]);
  });
});

test('of two that tell of a container, the one that knows more is believed', () => {
  const known = container('web', { pid: 4 });
  const bare = container('web', {
    runtime: 'containerd',
    endpoint: '/run/containerd.sock',
    pid: 4,
  });
  const guessed = container('web', { endpoint: null, pid: 5 });
  const views = [bare, known, guessed].map((one) => ({ status: null, containers: [one] }));
  assert.deepEqual(mergeContainers(views), [known]);
  assert.deepEqual(mergeContainers(views.toReversed()), [known]);
});

test('the oldest container comes first, those of unknown age last', () => {
  const ages = ['2026-02-01T00:00:00.000Z', null, '2026-01-01T00:00:00.000Z'];
  const containers = ages.map((createdAt, index) => container(`c${index}`, { createdAt }));
  const merged = mergeContainers([{ status: null, containers }]);
  assert.deepEqual(
    merged.map(({ name }) => name),
    ['c2', 'c0', 'c1'],
  );
});
