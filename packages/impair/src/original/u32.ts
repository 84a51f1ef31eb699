import {
  Attributes,
  addRawFilter,
  deleteRawFilter,
  type RawFilter,
  type Request,
  Writer,
} from '@netweir/kernel';
import type { RecordedFilter } from '../journal/entry.ts';
import { u32At } from './attributes.ts';
import { type InterfacePlace, toSend } from './filter-to-send.ts';

// linux/pkt_cls.h
const TCA_U32_LINK = 3;
const TCA_U32_DIVISOR = 4;

/** A handle is the number of a hash table, one of its buckets, and a filter in it. */
const TABLE_SHIFT = 20;
const IN_TABLE_MASK = 0xf_ffff;
/** Tables of priorities have this bit: the first one nothing else, the next ones a number from 1 up. */
const ROOT_NUMBER_MASK = 0x7ff;
/** Below it there are tables that people have numbered. */
const HIGHEST_TABLE = 0x7ff;

/** What a priority of u32 holds: a root table that the kernel made, other tables, and filters in them. */
interface Priority {
  readonly place: RecordedFilter;
  readonly root: number;
  readonly tables: readonly RecordedFilter[];
  readonly nodes: readonly RecordedFilter[];
}

/**
 * The requests that make the u32 filters of one qdisc again, under the same numbers (net/sched/cls_u32.c).
 * The kernel numbers each priority's root table by itself, upwards in the order in which they are made: where
 * one is missing in between, a priority is made in its stead and taken away. All tables are there before the
 * first filter, which may link to any of them.
 */
export function restoreU32(
  at: InterfacePlace,
  priorities: readonly (readonly RecordedFilter[])[],
  others: readonly RecordedFilter[],
): Request[] {
  const found = priorities.flatMap(readPriority).toSorted((a, b) => a.root - b.root);
  const add = (one: RecordedFilter): Request => addRawFilter(at, toSend(one));
  if (isPlain(found)) return found.flatMap(({ nodes }) => nodes.map(add));
  const scaffold = scaffoldOf(found, others);
  return [
    ...scaffold.all.map((one) => addRawFilter(at, one)),
    ...scaffold.gaps.map((one) => deleteRawFilter(at, { ...one, handle: 0 })),
    ...found.flatMap(({ tables }) => tables.map(add)),
    ...found.flatMap(({ nodes }) => nodes.map(add)),
    ...scaffold.used.map((one) => deleteRawFilter(at, one)),
  ];
}

function readPriority(priority: readonly RecordedFilter[]): Priority[] {
  const holding = priority.filter(({ handle }) => handle !== 0);
  // The kernel lists the youngest table first.
  const tables = holding.filter(({ handle }) => (handle & IN_TABLE_MASK) === 0).toReversed();
  const [root, ...rest] = tables;
  const [place] = priority;
  if (!root || !place) return [];
  const nodes = holding.filter(({ handle }) => (handle & IN_TABLE_MASK) !== 0);
  return [{ place, root: (root.handle >>> TABLE_SHIFT) & ROOT_NUMBER_MASK, tables: rest, nodes }];
}

/** Where filters alone lead to the same numbers. */
function isPlain(priorities: readonly Priority[]): boolean {
  return priorities.every(
    ({ root, tables, nodes }, index) =>
      root === index &&
      tables.length === 0 &&
      nodes.length > 0 &&
      !nodes.some((node) => linkOf(node) !== 0),
  );
}

/**
 * Whether a filter links to a hash table that no dump shows: that of a priority which was deleted lives on as
 * long as there are links to it.
 */
export function leadsNowhere(filter: RecordedFilter, filters: readonly RecordedFilter[]): boolean {
  const table = linkOf(filter);
  if (table === 0) return false;
  return !filters.some(
    ({ kind, parent, handle }) =>
      kind === 'u32' && handle === table && parent >>> 16 === filter.parent >>> 16,
  );
}

/** The table that a filter leads to; 0 where it leads to none. */
function linkOf({ kind, options }: RecordedFilter): number {
  if (kind !== 'u32' || options === null) return 0;
  return u32At(Attributes.read(Buffer.from(options, 'base64')).bytes(TCA_U32_LINK));
}

/** Tables that are there for a moment, so that their priorities come into being in the right order. */
function scaffoldOf(
  priorities: readonly Priority[],
  others: readonly RecordedFilter[],
): { all: RawFilter[]; gaps: RawFilter[]; used: RawFilter[] } {
  const tables = unused(
    HIGHEST_TABLE,
    priorities.flatMap((one) => one.tables.map(({ handle }) => handle >>> TABLE_SHIFT)),
  );
  const prios = unused(
    0xffff,
    others.map(({ prio }) => prio),
  );
  const all: RawFilter[] = [];
  const gaps: RawFilter[] = [];
  const used: RawFilter[] = [];
  for (const { place, root } of priorities) {
    const table = (prio: number): RawFilter => ({
      ...toSend({ ...place, options: null }),
      handle: (tables() << TABLE_SHIFT) >>> 0,
      prio,
      rawOptions: new Writer().attributeU32(TCA_U32_DIVISOR, 1).finish(),
    });
    while (all.length < root) {
      const gap = table(prios());
      all.push(gap);
      gaps.push(gap);
    }
    const one = table(place.prio);
    all.push(one);
    used.push(one);
  }
  return { all, gaps, used };
}

/** Numbers from `highest` down that are not among `taken`. */
function unused(highest: number, taken: readonly number[]): () => number {
  const isTaken = new Set(taken);
  let next = highest;
  return () => {
    while (isTaken.has(next)) next--;
    return next--;
  };
}
