import {
  addRawFilter,
  dumpFilters,
  formatHandle,
  type NetlinkSocket,
  type RawFilter,
  type Request,
} from '@netweir/kernel';
import type { RecordedFilter } from '../journal/entry.ts';
import type { Losses } from './action.ts';
import { recordFilterOptions } from './classifier.ts';
import { type InterfacePlace, type Programs, toSend } from './filter-to-send.ts';
import { restoreU32 } from './u32.ts';

/** Filters of these kinds come in front of those that are there, so that the last of a dump was the first. */
const LAST_FIRST: ReadonlySet<string> = new Set(['basic', 'bpf', 'fw']);

/** The filters of some parents, in the kernel's order, but for those that cannot be put back. */
export function recordFilters(
  netlink: NetlinkSocket,
  ifindex: number,
  parents: readonly number[],
  losses: Losses,
): RecordedFilter[] {
  return parents.flatMap((parent) =>
    netlink
      .dump(dumpFilters(ifindex, parent))
      .map((filter) => recordFilter({ ...filter, parent }, losses))
      .filter((filter) => filter !== undefined),
  );
}

function recordFilter(filter: RawFilter, losses: Losses): RecordedFilter | undefined {
  const { kind, handle, parent, prio, protocol, chain, rawOptions } = filter;
  const found: Losses = [];
  const options = rawOptions && recordFilterOptions(kind, rawOptions, found);
  const what = `the ${kind} filter with priority ${prio} on ${formatHandle(parent)}`;
  losses.push(...found.map((loss) => `${what}: ${loss}`));
  if (found.length > 0) return undefined;
  return {
    ...{ kind, handle, parent, prio, protocol, chain },
    options: options ? Buffer.from(options).toString('base64') : null,
  };
}

/** The requests that make `filters` where there are none. */
export function addFilters(
  at: InterfacePlace,
  filters: readonly RecordedFilter[],
  programs?: Programs,
): Request[] {
  const priorities = new Map<string, RecordedFilter[]>();
  for (const filter of filters) {
    const { parent, chain, prio } = filter;
    const key = `${parent} ${chain} ${prio}`;
    const priority = priorities.get(key);
    if (priority) priority.push(filter);
    else priorities.set(key, [filter]);
  }
  const done = new Set<readonly RecordedFilter[]>();
  const requests: Request[] = [];
  for (const priority of priorities.values()) {
    if (done.has(priority)) continue;
    if (priority[0]?.kind === 'u32') {
      // They share the numbers of their hash tables, so that all of a qdisc are made together.
      const together = [...priorities.values()].filter(
        ([first]) => first?.kind === 'u32' && qdiscOf(first) === qdiscOf(priority[0]),
      );
      for (const one of together) done.add(one);
      requests.push(...restoreU32(at, together, filters));
    } else {
      requests.push(...restorePriority(at, priority, programs));
    }
  }
  return requests;
}

function restorePriority(
  at: InterfacePlace,
  priority: readonly RecordedFilter[],
  programs: Programs | undefined,
): Request[] {
  const add = (one: RecordedFilter): Request => addRawFilter(at, toSend(one, programs));
  const holding = priority.filter(({ handle, options }) => handle !== 0 || options !== null);
  // Such as fw's old way, where marks are classes: a priority that has no filter.
  if (holding.length === 0) return priority.slice(0, 1).map(add);
  const inOrder = LAST_FIRST.has(holding[0]?.kind ?? '') ? holding.toReversed() : holding;
  return inOrder.map(add);
}

function qdiscOf(filter: RecordedFilter | undefined): number | undefined {
  return filter && filter.parent >>> 16;
}
