import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Container } from '@netweir/api';
import type { ContainerSources, ContainerView, FollowContainers, ViewChanged } from './source.ts';

/** A running container of Docker's, as a source would tell it. */
export function container(id: string, more: Partial<Container> = {}): Container {
  return {
    runtime: 'docker',
    endpoint: '/run/docker.sock',
    id: id.padEnd(64, '0'),
    name: id,
    image: 'busybox:latest',
    state: 'running',
    pid: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    labels: {},
    compose: null,
    pod: null,
    rootless: false,
    networks: [],
    ports: [],
    ...more,
  };
}

/** A source that tells what a test has it tell. */
export class FakeSource {
  #view: ContainerView = { status: null, containers: [] };
  #changed: ViewChanged = () => undefined;

  readonly follow: FollowContainers = (changed): ContainerSources => {
    this.#changed = changed;
    const source = this;
    return {
      sources: [
        {
          get view() {
            return source.#view;
          },
          close: () => Promise.resolve(),
        },
      ],
      close: () => Promise.resolve(),
    };
  };

  tell(containers: readonly Container[], more: Partial<ContainerView> = {}): void {
    this.#view = { status: null, ...more, containers };
    this.#changed();
  }
}

/** A process in a network namespace of its own, until the test ends or `end` is called. */
export async function isolatedProcess(
  t: TestContext,
): Promise<{ pid: number; inode: number; end: () => Promise<void> }> {
  const child = spawn('unshare', ['-n', 'sleep', '120'], { stdio: 'ignore' });
  const exit = once(child, 'exit');
  const end = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exit;
  };
  t.after(end);
  const pid = child.pid ?? 0;
  const own = readlinkSync('/proc/self/ns/net');
  for (let waited = 0; waited < 1000; waited++) {
    const link = readlinkSync(`/proc/${pid}/ns/net`);
    if (link !== own) return { pid, inode: Number(/\d+/.exec(link)?.[0]), end };
    await setTimeout(1);
  }
  throw new Error('unshare did not come to its namespace');
}
