import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { Impairment } from '@netweir/api';
import { Impairer, Journal, probeAbilities, type Reachable } from '@netweir/impair';
import { getLink, NetlinkSocket, NetworkNamespace } from '@netweir/kernel';

/** A call at which the victim kills itself: the `nth` of a kind from the first change on. */
export interface KillPoint {
  readonly call: 'write' | 'fsync' | 'rename' | 'truncate' | 'netlink';
  readonly nth: number;
  /** Within a write: half of it is done. */
  readonly moment: 'before' | 'within' | 'after';
}

/** What a victim is told to do; clears where no impairment is given. */
export interface Orders {
  readonly changes: readonly { readonly interface: string; readonly impairment?: Impairment }[];
  readonly point?: KillPoint;
}

/**
 * Changes interfaces of a namespace as a netweir does, until it is killed, or kills itself in the middle of
 * what it is told: `node crash-victim.js NAMESPACE STATE_DIRECTORY`.
 */
async function main(): Promise<void> {
  const [name = '', stateDirectory = ''] = process.argv.slice(2);
  const namespace = NetworkNamespace.openNamed(name);
  const netlink = namespace.netlink();
  const abilities = probeAbilities();
  const impairer = new Impairer({
    journal: new Journal(stateDirectory),
    abilities: () => abilities,
    owner: 'daemon',
    onEngineFailure: (error) => {
      throw error;
    },
  });
  const reach = (link: string): Reachable => {
    const [found] = netlink.query(getLink({ name: link }));
    if (!found) throw new Error(`no ${link}`);
    return { space: `netns:${name}`, namespace, ifindex: found.ifindex, interface: link, netlink };
  };
  process.once('message', (orders: Orders) => {
    if (orders.point) arm(orders.point);
    for (const { interface: link, impairment } of orders.changes) {
      if (impairment) impairer.apply(reach(link), impairment, undefined);
      else impairer.clear(reach(link));
    }
    // It waits for its death.
    setInterval(() => undefined, 60_000);
    process.send?.('done');
  });
  process.send?.('ready');
}

/** Has the process kill itself at a point; Node's own functions are exchanged for that. */
function arm(point: KillPoint): void {
  if (point.call === 'netlink') {
    armNetlink(point);
    return;
  }
  const name = (
    {
      write: 'writeSync',
      fsync: 'fsyncSync',
      rename: 'renameSync',
      truncate: 'ftruncateSync',
    } as const
  )[point.call];
  const functions = fs as unknown as Record<string, (...args: unknown[]) => unknown>;
  const original = functions[name];
  if (!original) throw new Error(`node:fs has no ${name}`);
  const isDue = countdown(point);
  functions[name] = (...args: unknown[]) => {
    if (!isDue()) return original(...args);
    const [fd, bytes] = args;
    if (point.moment === 'within' && bytes instanceof Uint8Array) {
      original(fd, bytes.subarray(0, Math.floor(bytes.length * Math.random())));
    }
    if (point.moment === 'after') original(...args);
    return die();
  };
  syncBuiltinESMExports();
}

function armNetlink(point: KillPoint): void {
  const isDue = countdown(point);
  for (const name of ['request', 'batch'] as const) {
    const functions = NetlinkSocket.prototype as unknown as Record<
      string,
      (...args: unknown[]) => unknown
    >;
    const original = functions[name];
    if (!original) throw new Error(`a netlink socket has no ${name}`);
    functions[name] = function (this: unknown, ...args: unknown[]) {
      if (!isDue()) return original.apply(this, args);
      const [requests] = args;
      if (point.moment === 'within' && Array.isArray(requests)) {
        original.call(this, requests.slice(0, Math.floor(requests.length * Math.random())));
      }
      if (point.moment === 'after') original.apply(this, args);
      return die();
    };
  }
}

function countdown({ nth }: KillPoint): () => boolean {
  let left = nth;
  return () => --left === 0;
}

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('still alive');
}

await main();
