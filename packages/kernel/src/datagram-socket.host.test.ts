import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, type TestContext, test } from 'node:test';
import { openDatagramSocket } from './datagram-socket.ts';
import { NetworkNamespace } from './netns/network-namespace.ts';
import { SocketReader } from './worker/socket-reader.ts';

function loopback(t: TestContext): NetworkNamespace {
  const namespace = NetworkNamespace.anonymous();
  t.after(() => namespace.close());
  namespace.run(() => void execFileSync('ip', ['link', 'set', 'lo', 'up']));
  return namespace;
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, 'deadline passed');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const BYTES = Uint8Array.of(1, 2, 3);

describe('a datagram socket', () => {
  for (const address of ['127.0.0.1', '::1']) {
    test(`hears who has sent it something at ${address}, and answers there`, async (t) => {
      const namespace = loopback(t);
      const options = { address, bufferBytes: 100_000, noChecksum: true };
      const server = openDatagramSocket(namespace, options);
      const client = openDatagramSocket(namespace, { ...options, interface: 'lo' });
      assert.equal(server.sender(), undefined);
      client.connect(address, server.port);
      assert.ok(client.send(BYTES));
      const sender = server.sender();
      assert.deepEqual(sender, { address, port: client.port });
      server.connect(sender.address, sender.port);
      assert.ok(server.send(BYTES));
      await using reader = new SocketReader();
      let received: Uint8Array | undefined;
      reader.add(client.fd, {
        message: (bytes) => {
          received = bytes.slice();
        },
        overrun: () => {},
        closed: () => {},
      });
      await until(() => received !== undefined);
      assert.deepEqual([...(received ?? [])], [...BYTES]);
      server.close();
    });
  }

  test('is of an address that the namespace has, and of an interface that it has', (t) => {
    const namespace = loopback(t);
    const open = (address: string, name?: string) => (): unknown =>
      openDatagramSocket(namespace, { address, interface: name });
    assert.throws(open('192.0.2.1'), { errnoName: 'EADDRNOTAVAIL' });
    assert.throws(open('127.0.0.1', 'eth9'), { errnoName: 'ENODEV' });
  });

  test('goes on receiving after nobody was there', async (t) => {
    const namespace = loopback(t);
    const closed = openDatagramSocket(namespace, { address: '127.0.0.1' });
    closed.close();
    const client = openDatagramSocket(namespace, { address: '127.0.0.1' });
    client.connect('127.0.0.1', closed.port);
    await using reader = new SocketReader();
    await reader.ready;
    const received: Uint8Array[] = [];
    let failure: unknown;
    reader.add(client.fd, {
      message: (bytes) => received.push(bytes.slice()),
      overrun: () => {},
      closed: (error) => {
        failure = error;
      },
    });
    client.send(BYTES);
    // The only sender that is listened to is the port that was closed: it is taken again.
    const python = `import socket;s=socket.socket(2,2);s.bind(("127.0.0.1",${closed.port}));s.sendto(b"hi",("127.0.0.1",${client.port}))`;
    namespace.run(() => void execFileSync('python3', ['-c', python]));
    await until(() => received.length > 0 || failure !== undefined);
    assert.equal(failure, undefined);
    assert.deepEqual(
      received.map((bytes) => Buffer.from(bytes).toString()),
      ['hi'],
    );
  });
});
