import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { listenTcp, listenUnix } from './listen.ts';
import { start } from './running.test-helper.ts';

async function temporary(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'netweir-listen-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

describe('listening on TCP', () => {
  test('is on 127.0.0.1 only', async (t) => {
    const server = createServer();
    t.after(() => server.close());
    const port = await listenTcp(server, 0);
    assert.deepEqual(server.address(), { address: '127.0.0.1', family: 'IPv4', port });
  });

  test('a taken port is an error that names --port', async (t) => {
    const { port } = await start(t);
    await assert.rejects(listenTcp(createServer(), port), {
      code: 'address-in-use',
      remedy: /--port/u,
    });
  });
});

describe('listening on a Unix socket', () => {
  test('makes the folder, and a socket that only the owner may open whatever the umask', async (t) => {
    const path = join(await temporary(t), 'a', 'b', 'netweir.sock');
    const server = createServer();
    t.after(() => server.close());
    const before = process.umask(0);
    t.after(() => process.umask(before));
    await listenUnix(server, path);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal(process.umask(), 0);
  });

  test('replaces the socket file of a daemon that was killed', async (t) => {
    const path = join(await temporary(t), 'netweir.sock');
    const script = `require('http').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`;
    const killed = spawn(process.execPath, ['-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(killed.stdout, 'data');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    assert.ok((await stat(path)).isSocket());
    const server = createServer();
    t.after(() => server.close());
    await listenUnix(server, path);
    assert.equal(server.listening, true);
  });

  test('leaves a running daemon alone', async (t) => {
    const { socketPath } = await start(t);
    await assert.rejects(listenUnix(createServer(), socketPath), { code: 'daemon-running' });
    assert.ok((await stat(socketPath)).isSocket());
  });

  test('leaves a file that is no socket alone', async (t) => {
    const path = join(await temporary(t), 'precious');
    await writeFile(path, 'content');
    await assert.rejects(listenUnix(createServer(), path), { code: 'address-in-use' });
    assert.ok((await stat(path)).isFile());
  });
});

describe('closing', () => {
  test('ends idle and half-sent requests within a second and removes the socket file', async (t) => {
    const { port, socketPath, server } = await start(t);
    const idle = await opened(connect(port, '127.0.0.1'));
    const halfSent = await opened(connect(socketPath));
    halfSent.write(
      'PUT /api/v1/probes/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{',
    );
    const ended = Promise.all([once(idle, 'close'), once(halfSent, 'close')]);
    const before = performance.now();
    await server.close();
    await ended;
    assert.ok(performance.now() - before < 1_000);
    await assert.rejects(stat(socketPath), { code: 'ENOENT' });
    await assert.rejects(once(connect(port, '127.0.0.1'), 'connect'), { code: 'ECONNREFUSED' });
  });
});

async function opened(socket: Socket): Promise<Socket> {
  socket.on('error', () => {});
  socket.resume();
  await once(socket, 'connect');
  return socket;
}
