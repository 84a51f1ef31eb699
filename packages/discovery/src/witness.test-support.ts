import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import type { TestContext } from 'node:test';
import { formatHandle } from '@netweir/kernel';
import type { Discovery } from './discovery.ts';
import type { DiscoveredInterface, DiscoveredSpace, DiscoveryChange } from './model.ts';

let last = 0;

/** A name that no other test and no other process has, short enough for an interface. */
export function uniqueName(): string {
  last++;
  return `nwd${process.pid.toString(36)}x${last}`;
}

export function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8' });
}

/** Runs lines of `ip`, which may start with `-n NAME`; with `force`, failures are passed over. */
export function ipBatch(
  lines: readonly string[],
  { force = false }: { force?: boolean } = {},
): void {
  for (const { place, commands } of byPlace(lines)) {
    const args = [...place, ...(force ? ['-force'] : []), '-batch', '-'];
    const { status, stderr } = spawnSync('ip', args, { input: commands.join('\n') });
    if (status !== 0 && !force) throw new Error(`ip failed: ${stderr}`);
  }
}

/** Consecutive lines for the same namespace: the option is one of `ip` and not of a line. */
function byPlace(lines: readonly string[]): { place: string[]; commands: string[] }[] {
  const groups: { place: string[]; commands: string[] }[] = [];
  for (const line of lines) {
    const [, name, command = ''] = /^(?:-n (\S+) )?(.*)$/.exec(line) ?? [];
    const last = groups.at(-1);
    if (last && last.place[1] === name) last.commands.push(command);
    else groups.push({ place: name === undefined ? [] : ['-n', name], commands: [command] });
  }
  return groups;
}

/** Makes namespaces that go when the test ends. */
export function makeNamespaces(t: TestContext, count: number): string[] {
  const names = Array.from({ length: count }, uniqueName);
  t.after(() =>
    ipBatch(
      names.map((name) => `netns delete ${name}`),
      { force: true },
    ),
  );
  ipBatch(names.map((name) => `netns add ${name}`));
  return names;
}

/** Resolves once `condition` holds; asks after every change and fails after `withinMs`. */
export async function until(
  discovery: Discovery,
  what: string,
  condition: () => boolean,
  withinMs = 500,
): Promise<void> {
  if (condition()) return;
  await new Promise<void>((resolve, reject) => {
    const end = discovery.onChanges(() => {
      if (!condition()) return;
      clearTimeout(timer);
      end();
      resolve();
    });
    const timer = setTimeout(() => {
      end();
      reject(new assert.AssertionError({ message: `not seen within ${withinMs} ms: ${what}` }));
    }, withinMs);
  });
}

/** Follows changes as a listener would, without looking at the discovery itself. */
export function follow(discovery: Discovery): Map<string, Map<number, DiscoveredInterface>> {
  const copy = new Map(discovery.spaces().map((space) => [space.id, new Map(space.interfaces)]));
  discovery.onChanges((changes) => {
    for (const change of changes) applyTo(copy, change);
  });
  return copy;
}

function applyTo(
  copy: Map<string, Map<number, DiscoveredInterface>>,
  change: DiscoveryChange,
): void {
  if (change.type === 'space') copy.set(change.space.id, new Map(change.space.interfaces));
  else if (change.type === 'space-removed') copy.delete(change.id);
  else if (change.type === 'interface') {
    copy.get(change.space.id)?.set(change.interface.ifindex, change.interface);
  } else if (change.type === 'interface-removed') {
    copy.get(change.space.id)?.delete(change.ifindex);
  }
}

interface IpLink {
  readonly ifindex: number;
  readonly ifname: string;
  readonly flags: string[];
  readonly mtu: number;
  readonly operstate: string;
  readonly address?: string;
  readonly master?: string;
  readonly linkinfo?: { info_kind?: string };
  readonly addr_info: { family: string; local: string; prefixlen: number; scope: string }[];
}

interface TcQdisc {
  readonly dev: string;
  readonly kind: string;
  readonly handle: string;
  readonly root?: boolean;
  readonly parent?: string;
}

/** What both sides can be asked for, as text to be compared. */
export type Comparable = Record<string, unknown>;

/** The interfaces of a namespace as `ip` and `tc` have them. */
export function witnessed(netns?: string): Comparable[] {
  const place = netns === undefined ? [] : ['-n', netns];
  const links: IpLink[] = JSON.parse(run('ip', '-j', '-d', ...place, 'addr'));
  const qdiscs: TcQdisc[] = JSON.parse(run('tc', '-j', ...place, 'qdisc', 'show'));
  return links.map((link) => ({
    ifindex: link.ifindex,
    name: link.ifname,
    kind: link.linkinfo?.info_kind ?? (link.flags.includes('LOOPBACK') ? 'loopback' : 'physical'),
    up: link.flags.includes('UP'),
    carrier: link.flags.includes('LOWER_UP'),
    operstate: link.operstate.toLowerCase(),
    mtu: link.mtu,
    mac: link.address ?? null,
    master: link.master ?? null,
    addresses: link.addr_info.map(
      ({ family, local, prefixlen, scope }) => `${family} ${local}/${prefixlen} ${scope}`,
    ),
    qdiscs: qdiscs
      .filter(({ dev }) => dev === link.ifname)
      .map(describeWitnessed)
      .sort(),
  }));
}

function describeWitnessed({ kind, handle, root, parent }: TcQdisc): string {
  return `${kind} ${handle} ${root ? 'root' : parent}`;
}

/** The same of a space. */
export function discovered(space: DiscoveredSpace | undefined): Comparable[] {
  return [...(space?.interfaces.values() ?? [])].map((known) => ({
    ifindex: known.ifindex,
    name: known.name,
    kind: known.kind,
    up: known.up,
    carrier: known.carrier,
    operstate: known.operstate,
    mtu: known.mtu,
    mac: known.mac,
    master: known.master,
    addresses: known.addresses.map(
      ({ family, address, prefixLength, scope }) =>
        `${family === 'ipv4' ? 'inet' : 'inet6'} ${address}/${prefixLength} ${scope}`,
    ),
    qdiscs: known.qdiscs
      .map(({ kind, handle, parent }) => {
        const name = handle === 0 ? '0:' : formatHandle(handle);
        return `${kind} ${name} ${formatHandle(parent)}`;
      })
      .sort(),
  }));
}
