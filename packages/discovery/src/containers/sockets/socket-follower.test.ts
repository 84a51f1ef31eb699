import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../engine/fake-engine.test-support.ts';
import type { ContainerView } from '../source.ts';
import { SocketFollower, type SocketSource } from './socket-follower.ts';

class FakeSource implements SocketSource {
  readonly path: string;
  view: ContainerView = { status: null, containers: [] };
  retries = 0;
  isClosed = false;

  constructor(path: string) {
    this.path = path;
  }

  retry(): void {
    this.retries += 1;
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

/** Knows one container. */
function viewOf(pid: number | null): ContainerView {
  return { status: null, containers: [{ pid }] as unknown as ContainerView['containers'] };
}

class Fixture {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'netweir-sockets-'));
  readonly opened: FakeSource[] = [];
  changes = 0;
  readonly follower: SocketFollower = new SocketFollower(() => {
    this.changes += 1;
  });

  readonly open = (path: string): SocketSource => {
    const source = new FakeSource(path);
    this.opened.push(source);
    return source;
  };

  path(name: string): string {
    return join(this.folder, name);
  }

  async listen(name: string): Promise<Server> {
    const server = createServer().listen(this.path(name));
    await new Promise((resolve) => server.once('listening', resolve));
    return server;
  }

  get following(): number {
    return this.follower.sources.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.follower.close();
    rmSync(this.folder, { recursive: true });
  }
}

test('a socket has a source while it is there', async () => {
  await using fixture = new Fixture();
  fixture.follower.follow(fixture.path('*'), fixture.open);
  assert.equal(fixture.following, 0);
  const server = await fixture.listen('a.sock');
  await until(() => fixture.following === 1);
  assert.equal(fixture.opened[0]?.path, fixture.path('a.sock'));
  server.close();
  await until(() => fixture.following === 0);
  assert.equal(fixture.opened[0]?.isClosed, true);
  assert.equal(fixture.changes, 2);
});

test('a file or folder in the place of a socket has none', async () => {
  await using fixture = new Fixture();
  writeFileSync(fixture.path('a.sock'), '');
  fixture.follower.follow(fixture.path('a.sock'), fixture.open);
  fixture.follower.follow(fixture.folder, fixture.open);
  assert.equal(fixture.following, 0);
});

test('a socket that several paths lead to has one source', async () => {
  await using fixture = new Fixture();
  const server = await fixture.listen('real.sock');
  symlinkSync('real.sock', fixture.path('link.sock'));
  fixture.follower.follow(fixture.path('link.sock'), fixture.open);
  fixture.follower.follow(fixture.path('*'), fixture.open);
  assert.equal(fixture.following, 1);
  assert.equal(fixture.opened[0]?.path, fixture.path('real.sock'));
  rmSync(fixture.path('link.sock'));
  server.close();
  await until(() => fixture.following === 0);
});

test('a source that knows containers stays without its socket, and is told when it is back', async () => {
  await using fixture = new Fixture();
  const server = await fixture.listen('a.sock');
  fixture.follower.follow(fixture.path('a.sock'), fixture.open);
  const source = fixture.opened[0];
  assert.ok(source);
  source.view = viewOf(process.pid);
  server.close();
  await until(() => source.retries > 0);
  const { retries } = source;
  const again = await fixture.listen('a.sock');
  await until(() => source.retries > retries);
  assert.equal(fixture.opened.length, 1);
  again.close();
});

test('a source whose socket is gone goes with the last process of its containers', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  await using fixture = new Fixture();
  const servers = [await fixture.listen('a.sock'), await fixture.listen('b.sock')];
  fixture.follower.follow(fixture.path('*'), fixture.open);
  const [first, second] = fixture.opened;
  assert.ok(first && second);
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  const exit = once(child, 'exit');
  t.after(() => child.kill('SIGKILL'));
  first.view = viewOf(child.pid ?? null);
  second.view = viewOf(null);
  for (const server of servers) server.close();
  await until(() => first.retries > 0 && second.retries > 0);
  assert.equal(fixture.following, 2);
  t.mock.timers.tick(2000);
  assert.deepEqual([first.isClosed, second.isClosed], [false, true]);
  t.mock.timers.tick(10_000);
  assert.equal(fixture.following, 1);
  child.kill('SIGKILL');
  await exit;
  const { changes } = fixture;
  t.mock.timers.tick(2000);
  assert.equal(first.isClosed, true);
  assert.equal(fixture.following, 0);
  assert.equal(fixture.changes, changes + 1);
});

test('a source whose socket is back in time stays, whatever becomes of its containers', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  await using fixture = new Fixture();
  const server = await fixture.listen('a.sock');
  fixture.follower.follow(fixture.path('a.sock'), fixture.open);
  const source = fixture.opened[0];
  assert.ok(source);
  source.view = viewOf(null);
  server.close();
  await until(() => source.retries > 0);
  const { retries } = source;
  const again = await fixture.listen('a.sock');
  await until(() => source.retries > retries);
  t.mock.timers.tick(2000);
  assert.equal(source.isClosed, false);
  assert.equal(fixture.following, 1);
  again.close();
});

test('a path that somebody gave has a source at once, until it is no longer followed', async () => {
  await using fixture = new Fixture();
  const stop = fixture.follower.follow(fixture.path('a.sock'), fixture.open, { always: true });
  assert.equal(fixture.following, 1);
  const server = await fixture.listen('a.sock');
  await until(() => (fixture.opened[0]?.retries ?? 0) > 0);
  server.close();
  stop();
  assert.equal(fixture.following, 0);
});
