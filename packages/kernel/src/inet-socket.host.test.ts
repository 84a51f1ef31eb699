import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync } from 'node:fs';
import { test } from 'node:test';
import { openBoundSocket } from './inet-socket.ts';
import { NetworkNamespace } from './netns/network-namespace.ts';

test('a bound socket lies where it was asked for, inside', () => {
  using namespace = NetworkNamespace.anonymous();
  namespace.run(() => void execFileSync('ip', ['link', 'set', 'lo', 'up']));
  const fds = [
    openBoundSocket(namespace, 'datagram', '127.0.0.1', 5353),
    openBoundSocket(namespace, 'datagram', '::1', 5353),
  ];
  const lines = namespace.run(() => execFileSync('ss', ['-Hlun'], { encoding: 'utf8' }));
  assert.match(lines, / 127\.0\.0\.1:5353 /);
  assert.match(lines, / \[::1\]:5353 /);
  assert.throws(() => openBoundSocket(namespace, 'datagram', '::1', 5353), {
    name: 'KernelError',
    errnoName: 'EADDRINUSE',
    target: '::1 port 5353',
  });
  assert.throws(() => openBoundSocket(namespace, 'stream', '10.0.0.1', 80), {
    errnoName: 'EADDRNOTAVAIL',
  });
  for (const fd of fds) closeSync(fd);
});
