import {
  digestClasses,
  digestFilters,
  digestQdiscs,
  getLink,
  KernelError,
  type Link,
  type NetlinkSocket,
  type QdiscDigest,
  TC_H_CLSACT_EGRESS,
  TC_H_CLSACT_INGRESS,
} from '@netweir/kernel';
import { ifbName } from '../ifb-impairer.ts';
import type { Seen } from '../journal/seen.ts';
import { digestFilterOptions } from '../original/classifier.ts';
import { isOurs } from '../plan.ts';
import type { Reachable } from '../reachable.ts';
import type { ChangeElsewhere } from './change.ts';

/** Of a tree that has none, which is not the same as no tree. */
const NO_FILTERS = 'none';
/** Priority of our filters on clsact, beside those of others. */
const HOOK_PRIORITIES: ReadonlySet<number> = new Set([0x4e57, 0x4e58]);

/** What is ours on an interface now; `qdiscs` are its, where somebody has looked just before. */
export function lookAt(
  { netlink, ifindex }: Pick<Reachable, 'netlink' | 'ifindex'>,
  qdiscs: QdiscDigest = digestQdiscs(netlink, ifindex),
): Seen {
  const hooks = qdiscs.hasClsact ? hooksOf(netlink, ifindex) : undefined;
  const ifb = hooks && linkNamed(netlink, ifbName(ifindex));
  const tree = ifb && treeOf(netlink, ifb.ifindex, digestQdiscs(netlink, ifb.ifindex));
  return {
    ...treeOf(netlink, ifindex, qdiscs),
    ...(hooks && { hooks }),
    ...(tree && { ifb: Object.values(tree).join(' ') }),
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

function treeOf(
  netlink: NetlinkSocket,
  ifindex: number,
  { root, text, classful }: QdiscDigest,
): Seen {
  if (!isOurs(root)) return {};
  return {
    qdiscs: text,
    classes: digestClasses(netlink, ifindex, classful),
    filters: digestFilters(netlink, ifindex, root.handle, digestFilterOptions) ?? NO_FILTERS,
  };
}

/** Our filters, which ones they are: what they do is told by handle and priority. */
function hooksOf(netlink: NetlinkSocket, ifindex: number): string | undefined {
  const [sent, received] = [TC_H_CLSACT_EGRESS, TC_H_CLSACT_INGRESS].map((parent) =>
    digestFilters(netlink, ifindex, parent, (_, { info }) => HOOK_PRIORITIES.has(info >>> 16)),
  );
  return sent || received ? `${sent} ${received}` : undefined;
}

function linkNamed(netlink: NetlinkSocket, name: string): Link | undefined {
  try {
    return netlink.query(getLink({ name }))[0];
  } catch (error) {
    if (error instanceof KernelError && error.errnoName === 'ENODEV') return undefined;
    throw error;
  }
}
