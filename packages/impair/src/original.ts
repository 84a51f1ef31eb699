import { NetweirError } from '@netweir/api';
import {
  deleteQdisc,
  dumpClasses,
  dumpFilters,
  dumpQdiscs,
  encodeQdiscOptions,
  formatHandle,
  type NetlinkSocket,
  neutralNetem,
  type Qdisc,
  type Request,
  replaceClass,
  replaceQdisc,
  TC_H_INGRESS,
  TC_H_ROOT,
  type TcClass,
} from '@netweir/kernel';
import type { Original, Recorded } from './journal/entry.ts';
import { restorableOptions } from './restorable-options.ts';

/** Kinds whose dump, sent back, makes the same qdisc again. */
const RESTORABLE: ReadonlySet<string> = new Set([
  ...['pfifo', 'bfifo', 'pfifo_fast', 'noqueue', 'fq_codel', 'fq', 'codel', 'sfq', 'tbf', 'netem'],
  ...['prio', 'htb', 'cake', 'mq'],
]);

const REMEDY =
  'Nothing was changed. Remove it yourself first if it is not needed (`tc qdisc del dev INTERFACE root`).';

/** The root qdisc of an interface: its tree hangs below; ingress and clsact stand beside it. */
export function rootOf(qdiscs: readonly Qdisc[]): Qdisc | undefined {
  return qdiscs.find((qdisc) => qdisc.parent === TC_H_ROOT);
}

/**
 * Records what is at the root, so that it can be put back.
 *
 * @throws NetweirError `original-not-restorable` for what a dump does not tell whole
 */
export function recordOriginal(netlink: NetlinkSocket, ifindex: number, name: string): Original {
  const { tree, root } = treeOf(netlink, ifindex);
  if (root && root.handle !== 0) {
    for (const qdisc of tree) refuseUnrestorable(netlink, qdisc, name);
    for (const one of htbClasses(netlink, ifindex)) {
      refuseFilters(netlink, one, `the htb class ${formatHandle(one.handle)} of ${name}`);
    }
  }
  return snapshot(netlink, ifindex);
}

function snapshot(netlink: NetlinkSocket, ifindex: number): Original {
  const { tree, root } = treeOf(netlink, ifindex);
  if (!root || root.handle === 0) {
    return { description: root?.kind ?? 'none', qdiscs: [], classes: [] };
  }
  const classes = htbClasses(netlink, ifindex);
  return {
    description: `${root.kind} ${formatHandle(root.handle)}`,
    qdiscs: tree.map(recorded),
    classes: classes.map(recorded),
  };
}

/** The one restorable kind whose classes somebody makes, and attaches filters to. */
function htbClasses(netlink: NetlinkSocket, ifindex: number): TcClass[] {
  return netlink.dump(dumpClasses(ifindex)).filter(({ kind }) => kind === 'htb');
}

function treeOf(
  netlink: NetlinkSocket,
  ifindex: number,
): { tree: Qdisc[]; root: Qdisc | undefined } {
  const qdiscs = netlink.dump(dumpQdiscs(ifindex));
  const tree = qdiscs.filter(({ parent, handle }) => parent !== TC_H_INGRESS && handle !== 0);
  return { tree, root: rootOf(qdiscs) };
}

/** The requests that put an original back in the place of `ours`, the root qdisc that is there now. */
export function restoreRequests(original: Original, ours: Qdisc, target: string): Request[] {
  const { ifindex, handle } = ours;
  const place = { ifindex, parent: TC_H_ROOT, target };
  if (original.qdiscs.length === 0) return [deleteQdisc(place)];
  const classes = new Set(original.classes);
  const puts = parentsFirst([...original.qdiscs, ...original.classes]).map((one) => {
    const put = classes.has(one) ? replaceClass : replaceQdisc;
    return put({ parent: one.parent, handle: one.handle, ifindex, target }, raw(one));
  });
  // Newer kernels refuse a netem while another one on the interface duplicates.
  const single = ours.kind === 'netem' && original.qdiscs.some(({ kind }) => kind === 'netem');
  return single ? [replaceQdisc({ ...place, handle }, neutralNetem), ...puts] : puts;
}

/** What differs between the original and what is there now, in words; undefined where nothing does. */
export function differenceFrom(
  original: Original,
  netlink: NetlinkSocket,
  ifindex: number,
): string | undefined {
  const now = snapshot(netlink, ifindex);
  const before = [...original.qdiscs, ...original.classes].map(identity);
  const found = [...now.qdiscs, ...now.classes].map(identity);
  const missing = before.filter((one) => !found.includes(one));
  const added = found.filter((one) => !before.includes(one));
  if (missing.length === 0 && added.length === 0) return undefined;
  return `before: ${missing.join(', ') || 'default'}; now: ${added.join(', ') || 'default'}`;
}

function refuseUnrestorable(netlink: NetlinkSocket, qdisc: Qdisc, name: string): void {
  const what = `the ${qdisc.kind} qdisc ${formatHandle(qdisc.handle)} of ${name}`;
  if (!RESTORABLE.has(qdisc.kind)) {
    throw notRestorable(`${what} is of a kind that netweir cannot put back`);
  }
  const { options } = qdisc;
  if (options?.kind === 'netem' && (options.jitterNs > 0 || options.slot.distJitterNs > 0)) {
    throw notRestorable(`${what} has a jitter, whose distribution the kernel does not tell`);
  }
  if (qdisc.hasSizeTable) {
    throw notRestorable(`${what} has a size table (stab), which the kernel does not tell`);
  }
  refuseFilters(netlink, qdisc, what);
}

function refuseFilters(netlink: NetlinkSocket, on: Qdisc | TcClass, what: string): void {
  if (netlink.dump(dumpFilters(on.ifindex, on.handle)).length === 0) return;
  throw notRestorable(`${what} has filters, which netweir does not put back yet`);
}

function notRestorable(message: string): NetweirError {
  return new NetweirError('original-not-restorable', message, { remedy: REMEDY });
}

function recorded({ kind, handle, parent, rawOptions }: Qdisc | TcClass): Recorded {
  const options = encodeQdiscOptions({ kind, rawOptions });
  return {
    kind,
    handle,
    parent,
    options: options ? Buffer.from(options).toString('base64') : null,
  };
}

function raw({ kind, options }: Recorded): { kind: string; rawOptions: Uint8Array | undefined } {
  if (options === null) return { kind, rawOptions: undefined };
  return { kind, rawOptions: restorableOptions(kind, Buffer.from(options, 'base64')) };
}

function identity({ kind, handle, parent, options }: Recorded): string {
  return `${kind} ${formatHandle(handle)} parent ${formatHandle(parent)} options ${options}`;
}

/**
 * Sorted so that each stands behind the qdisc or class it hangs on: its parent, that parent's qdisc
 * where the class is none that is recorded, or for a class without a parent its own qdisc.
 */
function parentsFirst<T extends { handle: number; parent: number }>(nodes: readonly T[]): T[] {
  const byHandle = new Map(nodes.map((node) => [node.handle, node]));
  const depth = (node: T): number => {
    const above = [node.parent, majorOf(node.parent), majorOf(node.handle)]
      .map((handle) => byHandle.get(handle))
      .find((other) => other !== undefined && other !== node);
    return above ? depth(above) + 1 : 0;
  };
  return nodes.toSorted((a, b) => depth(a) - depth(b));
}

function majorOf(handle: number): number {
  return (handle & 0xffff_0000) >>> 0;
}
