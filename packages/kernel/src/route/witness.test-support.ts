import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import type { TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import * as libc from '../libc.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { createNamed, deleteNamed } from '../netns/named.ts';
import type { NetworkNamespace } from '../netns/network-namespace.ts';
import { AF_INET6 } from './address-family.ts';
import { setLinkUp } from './link-change.ts';
import { addVeth } from './link-create.ts';
import { getLink } from './link-query.ts';

const SOCK_DGRAM = 2;

/** A network namespace of a test's own, and `ip` as the witness of what is in it. */
export interface Space {
  readonly netns: NetworkNamespace;
  readonly socket: NetlinkSocket;
  /** What `ip -json -details -Numeric` says. */
  readonly ip: <T>(...args: string[]) => T[];
  /** Runs a program inside. */
  readonly run: (...command: string[]) => string;
}

/** Makes a namespace that goes when the test ends. */
export function makeSpace(t: TestContext, suffix: string): Space {
  const name = `nwrt${process.pid}${suffix}`;
  const netns = createNamed(name);
  t.after(() => deleteNamed(name));
  const socket = netns.netlink();
  t.after(() => {
    socket.close();
    netns.close();
  });
  return {
    netns,
    socket,
    ip: (...args) => ip('-n', name, ...args),
    run: (...command) => output('ip', 'netns', 'exec', name, ...command),
  };
}

/** A namespace with a veth whose both ends are up. */
export function makePair(t: TestContext): { space: Space; ifindex: number } {
  const space = makeSpace(t, 'a');
  space.socket.request(addVeth({ name: 'v0' }, { name: 'v1' }));
  for (const name of ['lo', 'v0', 'v1']) space.socket.request(setLinkUp({ name }));
  const [link] = space.socket.query(getLink({ name: 'v0' }));
  assert.ok(link);
  return { space, ifindex: link.ifindex };
}

/** What `ip -json -details -Numeric` says in the namespace of this process. */
export function ip<T>(...args: string[]): T[] {
  return JSON.parse(output('ip', '-j', '-d', '-N', ...args) || '[]');
}

function output(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8' });
}

/** A link as `ip -j -d link` has it. */
export interface IpLink {
  readonly ifindex: number;
  readonly ifname: string;
  readonly altnames?: string[];
  readonly flags: string[];
  readonly mtu: number;
  readonly qdisc?: string;
  readonly operstate: string;
  readonly group: string;
  readonly txqlen?: number;
  readonly address?: string;
  readonly broadcast?: string;
  readonly master?: string;
  readonly link?: string;
  readonly link_index?: number;
  readonly link_netnsid?: number;
  readonly linkinfo?: { info_kind?: string; info_slave_kind?: string };
  readonly num_tx_queues: number;
  /** Missing on a kernel without CONFIG_RPS. */
  readonly num_rx_queues?: number;
  readonly stats64?: { rx: IpCounters; tx: IpCounters };
}

interface IpCounters {
  readonly bytes: number;
  readonly packets: number;
  readonly errors: number;
  readonly dropped: number;
}

/** An entry of `ip -j -N addr`. */
export interface IpAddresses {
  readonly ifindex: number;
  readonly addr_info: {
    family: 'inet' | 'inet6';
    local: string;
    address?: string;
    prefixlen: number;
    broadcast?: string;
    scope: string;
    label?: string;
    tentative?: boolean;
  }[];
}

/** An entry of `ip -j -N route`. */
export interface IpRoute {
  readonly type?: string;
  readonly dst: string;
  readonly gateway?: string;
  readonly via?: { host: string };
  readonly dev?: string;
  readonly metric?: number;
  readonly prefsrc?: string;
  readonly table?: string;
  readonly protocol?: string;
  readonly scope?: string;
  readonly flags: string[];
  readonly metrics?: { mtu?: number }[];
  readonly nexthops?: { gateway?: string; dev: string; weight: number; flags: string[] }[];
}

/**
 * What we say and what the witness says of the same moment: the kernel goes on working after a change
 * (operational states, duplicate address detection), and other programs change this host's namespace.
 * So the witness is asked before and after us, until it says the same twice.
 */
export function atOnce<Ours, Theirs>(
  ask: () => Ours,
  askWitness: () => Theirs,
): { ours: Ours; theirs: Theirs } {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const theirs = askWitness();
    const ours = ask();
    if (isDeepStrictEqual(theirs, askWitness())) return { ours, theirs };
    assert.ok(Date.now() < deadline, 'what the witness says does not settle');
  }
}

/** For `skip`: why tests of IPv6 cannot run on this kernel, if so. */
export const withoutIpv6: string | false = !loadIpv6() && 'this kernel has no IPv6';

/** A socket loads the module where IPv6 is one; adding an address over netlink does not. */
function loadIpv6(): boolean {
  const fd = libc.socket(AF_INET6, SOCK_DGRAM, 0);
  if (fd >= 0) libc.close(fd);
  return fd >= 0;
}

/** In an order of their own, to compare lists whose order means nothing. */
export function sorted(objects: object[]): object[] {
  const key = (object: object) => JSON.stringify(Object.entries(object).sort());
  return objects.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}
