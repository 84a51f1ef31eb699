import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fakeDocker, running, statesOf, until } from './engine/fake-engine.test-support.ts';
import { followEngines } from './follow-engines.ts';
import type { ContainerSources } from './source.ts';

class Fixture {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'netweir-places-'));
  changes = 0;
  #sources: ContainerSources | undefined;

  start(environment: Record<string, string> = {}, docker: 'auto' | string[] = 'auto'): void {
    this.#sources = followEngines(
      { docker, podman: 'auto' },
      () => {
        this.changes += 1;
      },
      { environment, homes: [join(this.folder, 'home')], runFolders: [join(this.folder, 'run')] },
    );
  }

  get states(): string[] {
    const states = statesOf(this.#sources?.sources ?? []);
    return states.map((state) => state.replace(this.folder, ''));
  }

  async reaches(...states: string[]): Promise<void> {
    await until(
      () => this.states.join() === states.join(),
      () => `${this.states}`,
    );
  }

  write(path: string, value: unknown): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), JSON.stringify(value));
  }

  move(from: string, to: string): void {
    mkdirSync(dirname(join(this.folder, to)), { recursive: true });
    renameSync(from, join(this.folder, to));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sources?.close();
    rmSync(this.folder, { recursive: true });
  }
}

test("root's and users' engines are found when they come", async () => {
  await using fixture = new Fixture();
  fixture.start();
  assert.deepEqual(fixture.states, []);
  await using root = await fakeDocker(running('a'));
  await using user = await fakeDocker(running('b'));
  fixture.move(root.path, 'run/docker.sock');
  fixture.move(user.path, 'run/user/1000/podman/podman.sock');
  await fixture.reaches(
    'unix:///run/docker.sock current',
    'unix:///run/user/1000/podman/podman.sock current',
  );
});

test('an engine that ends is stale while a container of it runs, and forgotten after that', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  const exit = once(child, 'exit');
  t.after(() => child.kill('SIGKILL'));
  await using fixture = new Fixture();
  fixture.start();
  const engine = await fakeDocker(running('a', child.pid));
  fixture.move(engine.path, 'run/docker.sock');
  await fixture.reaches('unix:///run/docker.sock current');
  rmSync(join(fixture.folder, 'run/docker.sock'));
  await engine[Symbol.asyncDispose]();
  await fixture.reaches('unix:///run/docker.sock stale');
  t.mock.timers.tick(2000);
  assert.deepEqual(fixture.states, ['unix:///run/docker.sock stale']);
  child.kill('SIGKILL');
  await exit;
  t.mock.timers.tick(2000);
  assert.deepEqual(fixture.states, []);
});

test('DOCKER_HOST is followed, or said to be of no use', async () => {
  await using fixture = new Fixture();
  fixture.start({
    DOCKER_HOST: 'ssh://somewhere',
    CONTAINER_HOST: `unix://${join(fixture.folder, 'p.sock')}`,
  });
  await fixture.reaches('ssh://somewhere refused', 'unix:///p.sock stale');
  await using engine = await fakeDocker(running('a'));
  fixture.move(engine.path, 'p.sock');
  await fixture.reaches('ssh://somewhere refused', 'unix:///p.sock current');
});

test('contexts of docker are followed as they come and go', async () => {
  await using fixture = new Fixture();
  fixture.start();
  await using engine = await fakeDocker(running('a'));
  fixture.move(engine.path, 'desktop.sock');
  const meta = (Host: string) => ({ Name: 'mine', Endpoints: { docker: { Host } } });
  const file = 'home/.docker/contexts/meta/0123/meta.json';
  fixture.write(file, meta(`unix://${join(fixture.folder, 'desktop.sock')}`));
  await fixture.reaches('unix:///desktop.sock current');
  fixture.write(file, meta('tcp://10.0.0.1:2376'));
  await fixture.reaches();
  fixture.write('home/.docker/config.json', { currentContext: 'mine' });
  await fixture.reaches('tcp://10.0.0.1:2376 refused');
  fixture.write('home/.docker/config.json', {});
  await fixture.reaches();
});

test('a port of this host is followed as a socket is', async () => {
  await using fixture = new Fixture();
  await using engine = await fakeDocker(running('a'));
  const { createServer, connect } = await import('node:net');
  const relay = createServer((client) => {
    const upstream = connect(engine.path);
    client.on('error', () => upstream.destroy()).pipe(upstream);
    upstream.on('error', () => client.destroy()).pipe(client);
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  const bound = relay.address();
  const url = `tcp://127.0.0.1:${bound && typeof bound === 'object' ? bound.port : 0}`;
  engine.answers.set('/info', { SecurityOptions: ['name=seccomp,profile=default'] });
  fixture.start({}, [url]);
  await fixture.reaches(`${url} current`);
  await engine.stop();
  await fixture.reaches(`${url} stale`);
  relay.close();
});
