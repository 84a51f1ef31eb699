import { createHash } from 'node:crypto';
import {
  dumpClasses,
  dumpFilters,
  dumpQdiscs,
  encodeQdiscOptions,
  formatHandle,
  type NetlinkSocket,
  type Qdisc,
  TC_H_CLSACT_EGRESS,
  TC_H_CLSACT_INGRESS,
  TC_H_INGRESS,
  type TcClass,
} from '@netweir/kernel';
import * as z from 'zod';
import { recordFilters } from '../original/filters.ts';
import { rootOf } from '../original/original.ts';
import { isOurs } from '../plan.ts';

/** What netweir last left on an interface, as short as it takes to see that somebody has changed it. */
export const Seen = z.strictObject({
  /** The root qdisc's tree; absent where it is not ours. */
  qdiscs: z.string().optional(),
  classes: z.string().optional(),
  filters: z.string().optional(),
  /** Our filters on clsact. */
  hooks: z.string().optional(),
});
export type Seen = z.infer<typeof Seen>;

/** Priority of our filters on clsact, beside those of others. */
const HOOK_PRIORITIES: ReadonlySet<number> = new Set([0x4e57, 0x4e58]);

/** What is ours on an interface now. */
export function lookAt(netlink: NetlinkSocket, ifindex: number): Seen {
  const qdiscs = netlink.dump(dumpQdiscs(ifindex));
  return { ...treeOf(netlink, ifindex, qdiscs), ...hooksOf(netlink, ifindex, qdiscs) };
}

/** What differs between what was seen and what is there, in words; undefined where nothing does. */
export function differenceBetween(seen: Seen, now: Seen): string | undefined {
  const parts: (readonly [keyof Seen, string])[] = [
    ['qdiscs', 'the qdiscs'],
    ['classes', 'the classes'],
    ['filters', 'the filters'],
    ['hooks', 'the filters on clsact'],
  ];
  const changed = parts.flatMap(([part, name]) => (seen[part] === now[part] ? [] : [name]));
  if (changed.length === 0) return undefined;
  return `somebody else has changed ${changed.join(' and ')} that netweir had set`;
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

function hooksOf(netlink: NetlinkSocket, ifindex: number, qdiscs: readonly Qdisc[]): Seen {
  if (!qdiscs.some(({ kind, parent }) => kind === 'clsact' && parent === TC_H_INGRESS)) return {};
  const texts = [TC_H_CLSACT_EGRESS, TC_H_CLSACT_INGRESS].flatMap((parent) =>
    netlink
      .dump(dumpFilters(ifindex, parent))
      .filter(({ prio }) => HOOK_PRIORITIES.has(prio))
      .map(({ kind, handle, prio }) => `${parent} ${kind} ${handle} ${prio}`),
  );
  return texts.length === 0 ? {} : { hooks: hashOf(texts) };
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
