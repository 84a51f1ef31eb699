import { createHash } from 'node:crypto';
import {
  dumpClasses,
  dumpFilters,
  dumpQdiscs,
  encodeQdiscOptions,
  formatHandle,
  getLink,
  KernelError,
  type Link,
  type NetlinkSocket,
  type Qdisc,
  TC_H_CLSACT_EGRESS,
  TC_H_CLSACT_INGRESS,
  TC_H_INGRESS,
  type TcClass,
} from '@netweir/kernel';
import { ifbName } from '../ifb-impairer.ts';
import type { Seen } from '../journal/seen.ts';
import { recordFilters } from '../original/filters.ts';
import { rootOf } from '../original/original.ts';
import { isOurs } from '../plan.ts';
import type { Reachable } from '../reachable.ts';
import type { ChangeElsewhere } from './change.ts';

/** Priority of our filters on clsact, beside those of others. */
const HOOK_PRIORITIES: ReadonlySet<number> = new Set([0x4e57, 0x4e58]);

/** What is ours on an interface now. */
export function lookAt({ netlink, ifindex }: Pick<Reachable, 'netlink' | 'ifindex'>): Seen {
  const qdiscs = netlink.dump(dumpQdiscs(ifindex));
  const hooks = hooksOf(netlink, ifindex, qdiscs);
  const ifb = hooks && linkNamed(netlink, ifbName(ifindex));
  const tree = ifb && treeOf(netlink, ifb.ifindex, netlink.dump(dumpQdiscs(ifb.ifindex)));
  return {
    ...treeOf(netlink, ifindex, qdiscs),
    ...(hooks && { hooks }),
    ...(tree && { ifb: hashOf([JSON.stringify(tree)]) }),
  };
}

/** What differs between what was seen and what is there; undefined where nothing does. */
export function changeBetween(seen: Seen, now: Seen): ChangeElsewhere | undefined {
  const parts: (readonly [keyof Seen, string])[] = [
    ['qdiscs', 'the qdiscs'],
    ['classes', 'the classes'],
    ['filters', 'the filters'],
    ['hooks', 'the filters on clsact'],
    ['ifb', 'the ifb'],
  ];
  const differing = parts.filter(([part]) => seen[part] !== now[part]);
  if (differing.length === 0) return undefined;
  const isOnlyGone = differing.every(([part]) => now[part] === undefined);
  const what = differing.map(([, name]) => name).join(' and ');
  return {
    text: `somebody else has ${isOnlyGone ? 'removed' : 'changed'} ${what} that netweir had set`,
    isInTheWay: !isOnlyGone,
  };
}

function treeOf(netlink: NetlinkSocket, ifindex: number, qdiscs: readonly Qdisc[]): Seen {
  const root = rootOf(qdiscs);
  if (!isOurs(root)) return {};
  const tree = qdiscs.filter(({ parent, handle }) => parent !== TC_H_INGRESS && handle !== 0);
  return {
    qdiscs: hashOf(tree.map(nodeText)),
    classes: hashOf(netlink.dump(dumpClasses(ifindex)).map(nodeText)),
    filters: hashOf(filterTexts(netlink, ifindex, root.handle)),
  };
}

function hooksOf(
  netlink: NetlinkSocket,
  ifindex: number,
  qdiscs: readonly Qdisc[],
): string | undefined {
  if (!qdiscs.some(({ kind, parent }) => kind === 'clsact' && parent === TC_H_INGRESS))
    return undefined;
  const texts = [TC_H_CLSACT_EGRESS, TC_H_CLSACT_INGRESS].flatMap((parent) =>
    netlink
      .dump(dumpFilters(ifindex, parent))
      .filter(({ prio }) => HOOK_PRIORITIES.has(prio))
      .map(({ kind, handle, prio }) => `${parent} ${kind} ${handle} ${prio}`),
  );
  return texts.length === 0 ? undefined : hashOf(texts);
}

function nodeText({ kind, handle, parent, rawOptions }: Qdisc | TcClass): string {
  const options = encodeQdiscOptions({ kind, rawOptions });
  return `${kind} ${formatHandle(handle)} ${formatHandle(parent)} ${textOf(options)}`;
}

function filterTexts(netlink: NetlinkSocket, ifindex: number, parent: number): string[] {
  return recordFilters(netlink, ifindex, [parent], []).map(
    ({ kind, handle, prio, protocol, options }) =>
      [kind, handle, prio, protocol, options].join(' '),
  );
}

function textOf(bytes: Uint8Array | undefined): string {
  return bytes ? Buffer.from(bytes).toString('base64') : '';
}

function hashOf(texts: readonly string[]): string {
  return createHash('sha1').update(texts.toSorted().join('\n')).digest('base64').slice(0, 16);
}

function linkNamed(netlink: NetlinkSocket, name: string): Link | undefined {
  try {
    return netlink.query(getLink({ name }))[0];
  } catch (error) {
    if (error instanceof KernelError && error.errnoName === 'ENODEV') return undefined;
    throw error;
  }
}
