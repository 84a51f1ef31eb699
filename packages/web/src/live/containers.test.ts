import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podsOf, portText, runtimesOf, shortId } from './containers.ts';
import { container, space } from './inventory.test-helper.ts';

test('an id is shortened as the runtimes print it, and a name that is none is left whole', () => {
  assert.equal(shortId('0123456789abcdef'.repeat(4)), '0123456789ab');
  assert.equal(shortId('my-lxc-machine'), 'my-lxc-machine');
});

test('a port that is exposed only has nothing before its arrow', () => {
  const port = { containerPort: 80, protocol: 'tcp', hostAddress: null, hostPort: null };
  assert.equal(portText(port), '80/tcp');
  assert.equal(portText({ ...port, hostPort: 8080 }), '8080 → 80/tcp');
  assert.equal(portText({ ...port, hostAddress: '::1', hostPort: 8080 }), '[::1]:8080 → 80/tcp');
});

test('runtimes and pods of a space are told once each', () => {
  const pod = { namespace: 'shop', name: 'cart', labels: {}, annotations: {} };
  const both = space('pod', 'shop/cart', {
    containers: [
      container('a', { runtime: 'containerd', pod }),
      container('b', { runtime: 'containerd', pod }),
      container('c', { runtime: 'podman', pod: { ...pod, namespace: '', name: 'other' } }),
    ],
  });
  assert.deepEqual(runtimesOf(both), ['podman', 'containerd']);
  assert.deepEqual(podsOf(both), ['shop/cart', 'podman/other']);
});
