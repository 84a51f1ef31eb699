import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Counters } from './redirect-loop.test-support.ts';
import { makeSpace, type Space } from './route/witness.test-support.ts';

export const ADDRESSES = {
  ipv4: ['10.9.0.1', '10.9.0.2'],
  ipv6: ['fd09::1', 'fd09::2'],
} as const;

/** Two namespaces with a veth between them, whose first end (`v0`) the loop takes over. */
export interface Route {
  readonly near: Space;
  readonly far: Space;
  readonly name: string;
}

export interface Loop {
  readonly child: ChildProcess;
  counters(): Promise<Counters>;
  /** Has the loop take everything away. */
  stop(): Promise<void>;
}

export function makeRoute(t: TestContext, suffix: string): Route {
  const [near, far] = [makeSpace(t, `${suffix}n`), makeSpace(t, `${suffix}f`)];
  const name = `nwrt${process.pid}${suffix}n`;
  const peer = ['peer', 'name', 'v1', 'netns', `nwrt${process.pid}${suffix}f`];
  near.run('ip', 'link', 'add', 'v0', 'type', 'veth', ...peer);
  for (const [space, device, index] of [[near, 'v0', 0] as const, [far, 'v1', 1] as const]) {
    // Nothing but what the test sends: no duplicate address detection, no router solicitation.
    space.run('sysctl', '-qw', `net.ipv6.conf.${device}.accept_dad=0`);
    space.run('sysctl', '-qw', `net.ipv6.conf.${device}.router_solicitations=0`);
    space.run('ip', 'addr', 'add', `${ADDRESSES.ipv4[index]}/24`, 'dev', device);
    space.run('ip', 'addr', 'add', `${ADDRESSES.ipv6[index]}/64`, 'dev', device);
    space.run('ip', 'link', 'set', device, 'up');
  }
  return { near, far, name };
}

export async function startLoop(t: TestContext, { name }: Route): Promise<Loop> {
  const script = fileURLToPath(new URL('./redirect-loop.test-support.js', import.meta.url));
  const child = spawn(process.execPath, [script, name, 'v0'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  assert.equal((await lines.next()).value, 'ready');
  return {
    child,
    counters: async () => {
      child.stdin.write('c');
      return JSON.parse((await lines.next()).value);
    },
    stop: async () => {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

export function ping({ run }: Space, address: string, count: number): void {
  run('ping', '-q', '-c', String(count), '-i', '0.01', '-W', '2', address);
}
