import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { Lab } from './lab.ts';
import type { Device } from './node/device.ts';
import type { LabNode } from './node/lab-node.ts';

interface LaptopAndServer {
  readonly lab: Lab;
  readonly laptop: Device;
  readonly server: Device;
}

/** A lab with two devices, each behind a router of its own. */
export async function laptopAndServer(): Promise<LaptopAndServer> {
  const lab = await Lab.create();
  const laptop = lab.device('laptop', { uplink: lab.router('home') });
  const server = lab.device('server', { uplink: lab.router('far') });
  return { lab, laptop, server };
}

/** What `ip -json -details` says inside a node. */
export function ip<T>(node: LabNode, ...args: string[]): T[] {
  return JSON.parse(output(node, 'ip', '-j', '-d', ...args) || '[]');
}

/** The ports of the switch that a router's network has, but for the router's own. */
export function ports(
  lab: Lab,
  router: LabNode,
): { readonly ifname: string; readonly mtu: number }[] {
  const own = ip<{ link_index: number }>(router, 'link', 'show', 'dev', 'lan')[0]?.link_index;
  const list = () => execFileSync('ip', ['-j', 'link'], { encoding: 'utf8' });
  const all: { ifindex: number; ifname: string; mtu: number; link?: string }[] = JSON.parse(
    lab.switches.run(list),
  );
  // Its interface is on top of `sw3r`, whose other end is one of the ports `sw3p101`, `sw3p102`, ...
  const below = all.find(({ ifindex }) => ifindex === own)?.ifname ?? '';
  const prefix = below.replace(/r$/u, 'p');
  assert.match(prefix, /^sw\d+p$/u);
  return all.filter(({ ifname, link }) => ifname.startsWith(prefix) && link !== below);
}

/** What a program prints that runs inside a node to its end. */
export function output(node: LabNode, command: string, ...args: string[]): string {
  return node.runSync(() => execFileSync(command, args, { encoding: 'utf8', stdio: 'pipe' }));
}

/** Whether one echo request is answered within a second. */
export function pings(node: LabNode, address: string): boolean {
  const script = `ping -n -c 1 -W 1 ${address} >/dev/null 2>&1 && echo answered || echo silence`;
  return output(node, 'sh', '-c', script).trim() === 'answered';
}

export async function until(condition: () => boolean, what: string, limitMs = 5000): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!condition()) {
    assert.ok(Date.now() < deadline, `${what} within ${limitMs} ms`);
    await setTimeout(5);
  }
}

/** Where IPv6 is a module, as in User Mode Linux, nobody may have needed it yet. */
export function loadIpv6(): void {
  execFileSync('modprobe', ['ipv6']);
}
