import assert from 'node:assert/strict';
import { chmodSync, linkSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { connect, daemonListens } from './connect.ts';

async function inDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'netweir-connect-'));
  try {
    await work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.listen(path, () => resolve(server));
  });
}

describe('whether a daemon listens', () => {
  test('yes, where somebody accepts connections', () =>
    inDirectory(async (directory) => {
      const socketPath = join(directory, 'socket');
      const server = await listen(socketPath);
      assert.equal(await daemonListens(socketPath), true);
      const connection = await connect(
        { socketPath, stateDirectory: directory, environment: {} },
        true,
      );
      assert.equal(connection.via, 'daemon');
      server.close();
    }));

  test('no, where there is no socket, nor a directory for it', () =>
    inDirectory(async (directory) => {
      writeFileSync(join(directory, 'file'), '');
      assert.equal(await daemonListens(join(directory, 'socket')), false);
      assert.equal(await daemonListens(join(directory, 'none', 'socket')), false);
      assert.equal(await daemonListens(join(directory, 'file', 'socket')), false);
    }));

  test('no, where a daemon that ended has left its socket', () =>
    inDirectory(async (directory) => {
      const [path, stale] = [join(directory, 'socket'), join(directory, 'stale')];
      const server = await listen(path);
      linkSync(path, stale);
      await new Promise((resolve) => server.close(resolve));
      assert.equal(await daemonListens(stale), false);
    }));

  test('is an error with a remedy where the socket may not be opened', (t) =>
    inDirectory(async (directory) => {
      const socketPath = join(directory, 'socket');
      const server = await listen(socketPath);
      chmodSync(socketPath, 0);
      // Root may open everything: the question is asked as nobody.
      const privileged = process.geteuid?.() === 0;
      if (privileged) process.seteuid?.(65_534);
      try {
        await assert.rejects(daemonListens(socketPath), {
          code: 'not-permitted',
          exitCode: 3,
          remedy: 'Run netweir as root, or as a user who may open the socket.',
        });
      } finally {
        if (privileged) process.seteuid?.(0);
        server.close();
      }
      t.diagnostic(`asked ${privileged ? 'as nobody' : 'as this user'}`);
    }));

  test('is an error where something else is in the way', () =>
    inDirectory(async (directory) => {
      const loop = join(directory, 'loop');
      symlinkSync(loop, loop);
      await assert.rejects(daemonListens(loop), { code: 'daemon-unreachable', message: /ELOOP/ });
    }));
});
