import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { describe, test } from 'node:test';
import * as libc from '../libc.ts';
import { NetworkNamespace } from './network-namespace.ts';

const AF_INET = 2;
const SOCK_STREAM = 1;

const here = (): string => readlinkSync('/proc/thread-self/ns/net');

function loopbackUp(namespace: NetworkNamespace): void {
  namespace.run(() => void execFileSync('ip', ['link', 'set', 'lo', 'up']));
}

describe('NetworkNamespace', () => {
  test('runs an action inside and comes home', () => {
    using namespace = NetworkNamespace.anonymous();
    const home = here();
    const inside = namespace.run(() => here());
    assert.equal(inside, `net:[${namespace.identity.ino}]`);
    assert.notEqual(inside, home);
    assert.equal(here(), home);
    assert.equal(
      namespace.run(() => readFileSync('/proc/thread-self/net/dev', 'utf8')).split('\n').length,
      4,
    );
  });

  test('comes home from an action that throws', () => {
    using namespace = NetworkNamespace.anonymous();
    const home = here();
    const fail = (): number => {
      throw new RangeError('inside');
    };
    assert.throws(() => namespace.run(fail), RangeError);
    assert.equal(here(), home);
  });

  test('comes back to where it was from a namespace within a namespace', () => {
    using outer = NetworkNamespace.anonymous();
    using inner = NetworkNamespace.anonymous();
    const home = here();
    const seen = outer.run(() => {
      const first = here();
      const second = inner.run(() => [here(), outer.run(() => here())]);
      return [first, ...second, here()];
    });
    const [outside, within] = [outer, inner].map(({ identity }) => `net:[${identity.ino}]`);
    assert.deepEqual(seen, [outside, within, outside, outside]);
    assert.equal(here(), home);
  });

  test('makes a namespace while inside another', () => {
    using outer = NetworkNamespace.anonymous();
    const [made, after] = outer.run(() => [NetworkNamespace.anonymous(), here()] as const);
    assert.equal(after, `net:[${outer.identity.ino}]`);
    assert.notEqual(made.key, outer.key);
    made.close();
  });

  test('refuses an action that goes on afterwards', () => {
    using namespace = NetworkNamespace.anonymous();
    const home = here();
    // @ts-expect-error The type refuses it as well.
    assert.throws(() => namespace.run(() => Promise.resolve(1)), TypeError);
    assert.equal(here(), home);
  });

  test('identifies the namespace of a process', async () => {
    using namespace = NetworkNamespace.anonymous();
    const child = namespace.spawn('sleep', ['30']);
    assert(child.pid !== undefined);
    using opened = NetworkNamespace.openPid(child.pid);
    assert.equal(opened.key, namespace.key);
    assert.notEqual(opened.fd, namespace.fd);
    child.kill();
    await once(child, 'exit');
  });

  test('starts programs inside', async () => {
    using namespace = NetworkNamespace.anonymous();
    const child = namespace.spawn('readlink', ['/proc/self/ns/net'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    await once(child, 'close');
    assert.equal(output.trim(), `net:[${namespace.identity.ino}]`);
  });

  test('holds a server that only its inside reaches', async () => {
    using namespace = NetworkNamespace.anonymous();
    loopbackUp(namespace);
    const fd = namespace.socket(AF_INET, SOCK_STREAM);
    assert.equal(
      libc.bind(fd, new Uint8Array([2, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])),
      0,
    );
    const server = createServer((socket) => socket.end('from inside'));
    server.listen({ fd });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const script = `exec 3<>/dev/tcp/127.0.0.1/${port} && cat <&3`;
    const child = namespace.spawn('bash', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [answer] = await once(child.stdout ?? assert.fail('no output'), 'data');
    assert.equal(String(answer), 'from inside');
    const [error] = await once(connect(port, '127.0.0.1'), 'error');
    assert.equal(error.code, 'ECONNREFUSED');
    server.close();
    await once(server, 'close');
  });

  test('opens netlink sockets inside', () => {
    using namespace = NetworkNamespace.anonymous();
    using socket = namespace.netlink();
    const body = new Uint8Array(16);
    const query = { operation: 'get', target: 'links', type: 18, flags: 0, body };
    assert.equal(
      socket.dump({ ...query, parse: (message) => message }).length,
      countLinks(namespace),
    );
  });

  test('ends the process in case there is no way home', () => {
    const url = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
    const script = `
      import { readdirSync, readlinkSync } from 'node:fs';
      import { close } from ${url('../libc.js')};
      import { NetworkNamespace } from ${url('./network-namespace.js')};
      const home = readlinkSync('/proc/thread-self/ns/net');
      const link = (fd) => { try { return readlinkSync('/proc/self/fd/' + fd); } catch { return ''; } };
      const namespace = NetworkNamespace.anonymous();
      namespace.run(() => {
        for (const fd of readdirSync('/proc/self/fd')) if (link(fd) === home) close(Number(fd));
      });
      console.log('survived');`;
    const command = 'ulimit -c 0; exec "$0" --input-type=module -e "$1"';
    const child = spawnSync('sh', ['-c', command, process.execPath, script], { encoding: 'utf8' });
    assert.equal(child.signal, 'SIGABRT');
    assert.equal(child.stdout, '');
    assert.match(child.stderr, /^cannot return to network namespace /);
  });

  test('refuses files that are no network namespace', () => {
    for (const path of ['/etc/passwd', '/proc/self/ns/mnt']) {
      assert.throws(() => NetworkNamespace.openPath(path), { errnoName: 'EINVAL' });
    }
    assert.throws(() => NetworkNamespace.openPid(2 ** 22 + 1), { errnoName: 'ENOENT' });
  });

  test('cannot be entered once closed, nor closed while inside', () => {
    const namespace = NetworkNamespace.anonymous();
    assert.throws(() => namespace.run(() => namespace.close()), /closed while in use/);
    namespace.close();
    namespace.close();
    assert.equal(namespace.fd, -1);
    assert.throws(() => namespace.run(() => 1), { errnoName: 'EBADF' });
  });
});

function countLinks(namespace: NetworkNamespace): number {
  const output = namespace.run(() => execFileSync('ip', ['-o', 'link'], { encoding: 'utf8' }));
  return output.trim().split('\n').length;
}
