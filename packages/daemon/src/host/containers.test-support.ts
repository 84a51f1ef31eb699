import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Config, Container, Interface, NetweirError } from '@netweir/api';
import { type ContainerSources, Discovery, type ViewChanged } from '@netweir/discovery';
import { container } from '../container.test-support.ts';
import { type Host, hostOn } from './host.ts';

const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within 10 s`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A process in a network namespace of its own, with eth0 and its other end in it. */
export interface Isolated {
  readonly pid: number;
  readonly inode: number;
  tc(): string;
  /** Runs a program inside, and gives what it prints. */
  inside(...command: string[]): string;
  end(): Promise<void>;
}

async function isolate(t: TestContext): Promise<Isolated> {
  const child = spawn('unshare', ['-n', 'sleep', '120'], { stdio: 'ignore' });
  const exit = once(child, 'exit');
  const end = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exit;
  };
  t.after(end);
  const pid = child.pid ?? 0;
  const own = readlinkSync('/proc/self/ns/net');
  await until('unshare', () => readlinkSync(`/proc/${pid}/ns/net`) !== own);
  const inside = (...args: string[]): string => run('nsenter', '-t', `${pid}`, '-n', ...args);
  inside('ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'other');
  inside('ip', 'link', 'set', 'eth0', 'up');
  return {
    pid,
    inode: Number(/\d+/u.exec(readlinkSync(`/proc/${pid}/ns/net`))?.[0]),
    inside,
    tc: () => inside('tc', 'qdisc', 'show', 'dev', 'eth0'),
    end,
  };
}

/** netweir on this host's namespaces, with containers that a test tells of. */
export interface Stage {
  readonly problems: NetweirError[];
  open(owner?: 'daemon' | 'command', config?: Config): Promise<Host>;
  /** Starts a container with a namespace of its own and tells of it; in place of one of the same name. */
  start(name: string, more?: Partial<Container>): Promise<Isolated>;
  /** Ends its process and tells that it is gone. */
  end(name: string): Promise<void>;
  journal(): string;
}

export function setStage(t: TestContext): Stage {
  const stateDirectory = mkdtempSync(join(tmpdir(), 'netweir-test-'));
  const problems: NetweirError[] = [];
  const running = new Map<string, { container: Container; isolated: Isolated }>();
  const listeners = new Set<ViewChanged>();
  const hosts: Host[] = [];
  t.after(async () => {
    for (const host of hosts) await host.close();
    rmSync(stateDirectory, { recursive: true });
  });
  const view = { status: null, containers: [] as readonly Container[] };
  const tell = (): void => {
    view.containers = [...running.values()].map((one) => one.container);
    for (const changed of listeners) changed();
  };
  const follow = (changed: ViewChanged): ContainerSources => {
    listeners.add(changed);
    const close = (): Promise<void> => {
      listeners.delete(changed);
      return Promise.resolve();
    };
    return { sources: [{ view, close }], close };
  };
  return {
    problems,
    open: async (owner = 'daemon', config = {}) => {
      const discovery = await Discovery.open({ containers: follow });
      const onProblem = (error: NetweirError): void => void problems.push(error);
      const host = hostOn(discovery, { stateDirectory, owner, config, onProblem });
      hosts.push(host);
      return host;
    },
    start: async (name, more = {}) => {
      await running.get(name)?.isolated.end();
      const isolated = await isolate(t);
      const id = `${isolated.pid}`.padStart(64, '0');
      const told = container({ id, name, pid: isolated.pid, ...more });
      running.set(name, { container: told, isolated });
      tell();
      return isolated;
    },
    end: async (name) => {
      await running.get(name)?.isolated.end();
      running.delete(name);
      tell();
    },
    journal: () => {
      const lines = readFileSync(join(stateDirectory, 'journal.ndjson'), 'utf8').split('\n');
      const open = new Set<number>();
      for (const line of lines.filter((one) => one !== '')) {
        const { type, id } = JSON.parse(line) as { type: string; id?: number };
        if (id === undefined) continue;
        if (type === 'restored') open.delete(id);
        else open.add(id);
      }
      return [...open].join();
    },
  };
}

export async function interfaceOf(host: Host, space: string, name: string): Promise<Interface> {
  const found = (await host.inventory()).spaces
    .find(({ id }) => id === space)
    ?.interfaces.find((one) => one.name === name);
  if (!found) throw new Error(`there is no ${space}/${name}`);
  return found;
}

/** Descriptors of this process that lead to a network namespace. */
export function descriptorsOf(inode: number): string[] {
  return readdirSync('/proc/self/fd').filter(
    (fd) => statSync(`/proc/self/fd/${fd}`, { throwIfNoEntry: false })?.ino === inode,
  );
}
