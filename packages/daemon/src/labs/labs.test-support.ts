import { execFileSync } from 'node:child_process';
import type { TestContext } from 'node:test';
import type { LabFile, Space } from '@netweir/api';
import { setStage } from '../host/containers.test-support.ts';
import type { Host } from '../host/host.ts';

export const HOME: LabFile = {
  router: [{ name: 'home' }],
  device: { laptop: { eth0: { gateway: 'home' } }, phone: { wlan0: { gateway: 'home' } } },
};

let made = 0;
/** Names of this process only: test files run side by side. */
export function uniqueName(): string {
  return `t${process.pid}x${made++}`;
}

/** A daemon whose labs are taken down when the test ends. */
export async function openDaemon(t: TestContext): Promise<Host> {
  const host = await setStage(t).open('daemon');
  t.after(async () => {
    for (const { name } of await host.labs()) await host.deleteLab(name);
  });
  return host;
}

export async function spacesOf(host: Host, lab: string): Promise<Space[]> {
  const { spaces } = await host.inventory();
  return spaces.filter(({ id }) => id.startsWith(`lab:${lab}/`));
}

/** Runs a program in a space as another process would, and gives what it prints. */
export function inside({ path = '' }: Space, ...command: string[]): string {
  return execFileSync('nsenter', [`--net=${path}`, ...command], { encoding: 'utf8' });
}
