import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import * as libc from '../libc.ts';
import { NETNS_DIRECTORY } from './name.ts';
import { createNamed, deleteNamed, listNamed } from './named.ts';
import { NetworkNamespace } from './network-namespace.ts';

const NAME = `nwnamed${process.pid}`;
const path = join(NETNS_DIRECTORY, NAME);

function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8' });
}

function ipNames(): string[] {
  return ip('netns', 'list')
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '');
}

describe('named network namespaces', () => {
  after(() => {
    if (existsSync(path)) deleteNamed(NAME);
  });

  test('are the ones that ip netns knows, and vanish with nothing left', () => {
    using namespace = createNamed(NAME);
    assert(ipNames().includes(NAME));
    assert(listNamed().includes(NAME));
    assert.match(ip('-n', NAME, 'link'), /^1: lo:/);
    assert.match(
      ip('netns', 'exec', NAME, 'readlink', '/proc/self/ns/net'),
      new RegExp(`${namespace.identity.ino}`),
    );
    deleteNamed(NAME);
    assert(!ipNames().includes(NAME));
    assert(!listNamed().includes(NAME));
    assert(!existsSync(path));
    assert(!readFileSync('/proc/self/mountinfo', 'utf8').includes(path));
  });

  test('can be made by ip netns', () => {
    ip('netns', 'add', NAME);
    try {
      using namespace = NetworkNamespace.openNamed(NAME);
      const inside = namespace.run(() => NetworkNamespace.current());
      assert.equal(inside.key, namespace.key);
      inside.close();
      assert(listNamed().includes(NAME));
    } finally {
      ip('netns', 'delete', NAME);
    }
    assert.throws(() => NetworkNamespace.openNamed(NAME), { errnoName: 'ENOENT' });
  });

  test('are not taken twice', () => {
    createNamed(NAME).close();
    assert.throws(() => createNamed(NAME), { name: 'KernelError', errnoName: 'EEXIST' });
    assert(ipNames().includes(NAME));
    deleteNamed(NAME);
    assert.throws(() => deleteNamed(NAME), { errnoName: 'ENOENT' });
  });

  test('are deleted also where mounts lie on top of each other', () => {
    createNamed(NAME).close();
    assert.equal(libc.mount('/proc/thread-self/ns/net', path, 'none', 0x1000), 0);
    deleteNamed(NAME);
    assert(!existsSync(path));
  });

  test('are told from stale files', () => {
    createNamed(NAME).close();
    deleteNamed(NAME);
    writeFileSync(path, '');
    try {
      assert(!listNamed().includes(NAME));
      assert.throws(() => NetworkNamespace.openNamed(NAME), { errnoName: 'EINVAL' });
      assert.throws(() => createNamed(NAME), { errnoName: 'EEXIST' });
    } finally {
      rmSync(path);
    }
  });

  test('leave the thread where it was, also where they cannot be made', () => {
    using before = NetworkNamespace.current();
    createNamed(NAME).close();
    assert.throws(() => createNamed(NAME));
    deleteNamed(NAME);
    using now = NetworkNamespace.current();
    assert.equal(now.key, before.key);
  });

  test('live on a shared mount, as ip netns has them', () => {
    createNamed(NAME).close();
    deleteNamed(NAME);
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    const mount = mounts.find((line) => line.split(' ')[4] === NETNS_DIRECTORY);
    assert.match(mount ?? '', / shared:\d+ /);
  });
});
