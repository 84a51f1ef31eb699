import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRootless, parseEndpoint } from './endpoint.ts';

test('paths, unix URLs and ports of this host are endpoints', () => {
  const of = (text: string): unknown => {
    const endpoint = parseEndpoint(text, 'docker');
    return 'address' in endpoint ? endpoint.address : endpoint.detail;
  };
  assert.deepEqual(of('/run/docker.sock'), { path: '/run/docker.sock' });
  assert.deepEqual(of('unix:///run/docker.sock'), { path: '/run/docker.sock' });
  assert.deepEqual(of('tcp://127.0.0.1:4243'), { host: '127.0.0.1', port: 4243 });
  assert.deepEqual(of('tcp://[::1]'), { host: '::1', port: 2375 });
  assert.deepEqual(of('http://localhost:1'), { host: 'localhost', port: 1 });
  for (const text of ['tcp://10.0.0.1:2375', 'tcp://127.0.0.1.example.org:1']) {
    assert.match(String(of(text)), /on another host/);
  }
  for (const text of [
    'ssh://root@host',
    'npipe:////./pipe/x',
    'tcp://',
    'unix://x',
    '',
    'tcp://[',
  ]) {
    assert.match(String(of(text)), /not supported/);
  }
});

test('a socket tells by its place whose engine it is', () => {
  assert.equal(isRootless({ path: '/run/user/1000/docker.sock' }), true);
  assert.equal(isRootless({ path: '/run/user/0/docker.sock' }), false);
  assert.equal(isRootless({ path: '/does/not/exist' }), undefined);
  assert.equal(isRootless({ host: '127.0.0.1', port: 1 }), undefined);
});
