import { NetweirError } from '@netweir/api';
import {
  deleteQdisc,
  dumpClasses,
  dumpQdiscs,
  encodeQdiscOptions,
  formatHandle,
  type NetlinkSocket,
  neutralNetem,
  type Qdisc,
  type RawOptions,
  type Request,
  replaceClass,
  replaceQdisc,
  TC_H_INGRESS,
  TC_H_ROOT,
  type TcClass,
} from '@netweir/kernel';
import type { Original, Recorded, RecordedFilter } from '../journal/entry.ts';
import { OUR_ROOT } from '../plan.ts';
import type { Losses } from './action.ts';
import { haveOthersActions, renumbered, withFreeIndices } from './action-indices.ts';
import { inOrderOfMaking } from './class-order.ts';
import { isProgramRunning } from './classifier.ts';
import { addFilters, recordFilters } from './filters.ts';
import { hasClassesOfPeople, lossOfClass, lossOfQdisc } from './losses.ts';
import { restorableOptions } from './qdisc-options.ts';
import { sizeTableOf } from './size-table.ts';
import { leadsNowhere } from './u32.ts';

/** The original of an interface whose root is the kernel's default. */
export const KERNEL_DEFAULT: Original = { description: 'default', qdiscs: [], classes: [] };

const REMEDY =
  'Nothing was changed. Remove it yourself first if it is not needed (`tc qdisc del dev INTERFACE root`), or go on without it (`--replace`, `"replace": true`).';

/** The root qdisc of an interface: its tree hangs below; ingress and clsact stand beside it. */
export function rootOf(qdiscs: readonly Qdisc[]): Qdisc | undefined {
  return qdiscs.find((qdisc) => qdisc.parent === TC_H_ROOT);
}

/**
 * Records what is at the root, so that it can be put back.
 *
 * @throws NetweirError `original-not-restorable` for what a dump does not tell whole, unless it may be lost
 */
export function recordOriginal(
  netlink: NetlinkSocket,
  ifindex: number,
  name: string,
  { mayLose = false }: { mayLose?: boolean } = {},
): Original {
  const original = snapshot(netlink, ifindex);
  if (original.lost && !mayLose) throw notRestorable(original.lost, name);
  return original;
}

function snapshot(netlink: NetlinkSocket, ifindex: number): Original {
  const qdiscs = netlink.dump(dumpQdiscs(ifindex));
  const root = rootOf(qdiscs);
  if (!root || root.handle === 0) return { ...KERNEL_DEFAULT, description: root?.kind ?? 'none' };
  const lost: Losses = [];
  const tree = qdiscs.filter(({ parent, handle }) => parent !== TC_H_INGRESS && handle !== 0);
  const kept = keptOf(tree, lost);
  const majors = new Set(kept.map(({ handle }) => handle));
  const classes = netlink
    .dump(dumpClasses(ifindex))
    .filter((one) => hasClassesOfPeople(one.kind) && majors.has(majorOf(one.handle)))
    // hfsc shows itself among its classes.
    .filter(({ handle }) => majorOf(handle) !== handle);
  lost.push(...classes.flatMap(lossOfClass));
  const parents = [...kept, ...classes].map(({ handle }) => handle);
  const found = recordFilters(netlink, ifindex, parents, lost);
  const filters = found.filter((filter) => {
    const loss = lossOfFilter(filter, found);
    if (loss) lost.push(loss);
    return loss === undefined;
  });
  return {
    description: `${root.kind} ${formatHandle(root.handle)}`,
    qdiscs: kept.map(recorded),
    classes: classes.map(recorded),
    filters,
    ...(lost.length > 0 && { lost }),
  };
}

/** Without those that cannot be put back even in part, and what is below them. */
function keptOf(tree: readonly Qdisc[], lost: Losses): Qdisc[] {
  const gone = new Set<number>();
  for (const qdisc of parentsFirst(tree)) {
    const { loss, isWhole } = gone.has(majorOf(qdisc.parent))
      ? {
          loss: `the ${qdisc.kind} qdisc ${formatHandle(qdisc.handle)} hangs below it`,
          isWhole: true,
        }
      : lossOfQdisc(qdisc);
    if (loss !== undefined) lost.push(loss);
    if (loss !== undefined && isWhole) gone.add(qdisc.handle);
  }
  return tree.filter(({ handle }) => !gone.has(handle));
}

/** What is lost of a filter because of what it refers to. */
function lossOfFilter(
  filter: RecordedFilter,
  filters: readonly RecordedFilter[],
): string | undefined {
  const { kind, prio, parent, options } = filter;
  const what = `the ${kind} filter with priority ${prio} on ${formatHandle(parent)}`;
  if (isProgramRunning(kind, options)) {
    return `${what} runs a program, which the kernel forgets when the filter is taken away`;
  }
  if (leadsNowhere(filter, filters)) return `${what} links to a hash table that no dump shows`;
  return undefined;
}

/**
 * Puts an original back in the place of the root qdisc that is there now: ours, or what is left of an earlier
 * attempt.
 *
 * @throws KernelError
 */
export function putBack(
  netlink: NetlinkSocket,
  original: Original,
  root: Qdisc,
  target: string,
): void {
  const send = (requests: readonly Request[]): void => {
    for (const error of netlink.batch(requests)) if (error) throw error;
  };
  send(restoreRequests(original, root, target));
  const { ifindex } = root;
  const { filters = [] } = original;
  if (filters.length === 0) return;
  if (!haveOthersActions(snapshot(netlink, ifindex).filters ?? [], filters)) return;
  const place = { ifindex, parent: TC_H_ROOT, target };
  const ours = { ...root, handle: OUR_ROOT, kind: 'pfifo' };
  send([
    deleteQdisc(place),
    replaceQdisc({ ...place, handle: OUR_ROOT }, { kind: 'pfifo', limitPackets: 1000 }),
  ]);
  send(restoreRequests(withFreeIndices(netlink, original), ours, target));
}

/**
 * The requests that put an original back in the place of the root qdisc that is there now: ours, or what is
 * left of an earlier attempt.
 */
export function restoreRequests(original: Original, root: Qdisc, target: string): Request[] {
  const { ifindex, handle } = root;
  const place = { ifindex, parent: TC_H_ROOT, target };
  if (original.qdiscs.length === 0) return [deleteQdisc(place)];
  const classes = new Set(original.classes);
  // The kernel lists the youngest first of those that share a bucket of its hash table.
  const puts = parentsFirst([...original.qdiscs.toReversed(), ...classesToMake(original)]).map(
    (one) => {
      const put = classes.has(one) ? replaceClass : replaceQdisc;
      return put({ parent: one.parent, handle: one.handle, ifindex, target }, raw(one));
    },
  );
  puts.push(...addFilters({ ifindex, target }, original.filters ?? []));
  // Some kinds cannot be changed, and nothing of the earlier attempt is to stay.
  if (handle !== OUR_ROOT) return [deleteQdisc(place), ...puts];
  // Newer kernels refuse a netem while another one on the interface duplicates.
  const single = root.kind === 'netem' && original.qdiscs.some(({ kind }) => kind === 'netem');
  return single ? [replaceQdisc({ ...place, handle }, neutralNetem), ...puts] : puts;
}

function classesToMake({ classes }: Original): Recorded[] {
  const majors = new Set(classes.map(({ handle }) => majorOf(handle)));
  return [...majors].flatMap((major) =>
    inOrderOfMaking(
      classes.filter(({ handle }) => majorOf(handle) === major),
      parentsFirst,
    ),
  );
}

/**
 * Whether what is there now is an original that was put back in part: with its root and nothing but what belongs
 * to it, but not all of that.
 */
export function isInPart(original: Original, netlink: NetlinkSocket, ifindex: number): boolean {
  const { missing, added } = compare(original, netlink, ifindex);
  if (original.qdiscs.length === 0 || missing.length === 0) return false;
  const now = snapshot(netlink, ifindex);
  // On the way, u32 has tables that do not stay.
  return now.qdiscs.length > 0 && added.every((one) => one.startsWith('u32 filter'));
}

/** What differs between the original and what is there now, in words; undefined where nothing does. */
export function differenceFrom(
  original: Original,
  netlink: NetlinkSocket,
  ifindex: number,
): string | undefined {
  const { missing, added } = compare(original, netlink, ifindex);
  if (missing.length === 0 && added.length === 0) return undefined;
  return `before: ${missing.join(', ') || 'default'}; now: ${added.join(', ') || 'default'}`;
}

function compare(
  original: Original,
  netlink: NetlinkSocket,
  ifindex: number,
): { missing: string[]; added: string[] } {
  const before = new Set(identities(original));
  const found = new Set(identities(snapshot(netlink, ifindex)));
  return {
    missing: [...before].filter((one) => !found.has(one)),
    added: [...found].filter((one) => !before.has(one)),
  };
}

function notRestorable(lost: readonly string[], name: string): NetweirError {
  const [first = '', ...more] = lost;
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
  return new NetweirError(
    'original-not-restorable',
    `what ${name} has now could not be put back: ${first}${others}`,
    { remedy: REMEDY },
  );
}

function recorded(one: Qdisc | TcClass): Recorded {
  const { kind, handle, parent, rawOptions } = one;
  const options = encodeQdiscOptions({ kind, rawOptions });
  const sizeSpec = 'sizeSpec' in one ? one.sizeSpec : undefined;
  return {
    ...{ kind, handle, parent },
    options: options ? Buffer.from(options).toString('base64') : null,
    ...(sizeSpec && { sizeSpec: Buffer.from(sizeSpec).toString('base64') }),
  };
}

function raw({ kind, options, sizeSpec }: Recorded): RawOptions {
  return {
    kind,
    rawOptions:
      options === null ? undefined : restorableOptions(kind, Buffer.from(options, 'base64')),
    sizeTable: sizeSpec === undefined ? undefined : sizeTableOf(Buffer.from(sizeSpec, 'base64')),
  };
}

function identities({ qdiscs, classes, filters = [] }: Original): string[] {
  return [
    ...[...qdiscs, ...classes].map(
      ({ kind, handle, parent, options, sizeSpec = 'none' }) =>
        `${kind} ${formatHandle(handle)} parent ${formatHandle(parent)} options ${options} stab ${sizeSpec}`,
    ),
    // The kernel may have had to number actions anew.
    ...filters
      .map((filter) => renumbered(filter, () => 0))
      .map(
        ({ kind, handle, parent, prio, protocol, chain, options }) =>
          `${kind} filter ${handle.toString(16)} parent ${formatHandle(parent)} chain ${chain} prio ${prio} protocol ${protocol} options ${options}`,
      ),
  ];
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
