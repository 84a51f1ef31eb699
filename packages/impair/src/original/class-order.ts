import type { Recorded } from '../journal/entry.ts';

/** How a kernel's hash table of classes begins (qdisc_class_hash_init in net/sched/sch_api.c). */
const FIRST_BUCKETS = 4;

/**
 * The classes of one qdisc, recorded in the order of a dump, in one in which they can be made so that the dump
 * has that order again: the kernel lists them as its hash table has them. Where none of the usual orders leads
 * there, as they were recorded. `parentsFirst` is what is done to the order afterwards.
 */
export function inOrderOfMaking(
  dumped: readonly Recorded[],
  parentsFirst: (classes: readonly Recorded[]) => Recorded[],
): readonly Recorded[] {
  const wanted = dumped.map(({ handle }) => handle).join();
  const orders = [
    dumped,
    dumped.toReversed(),
    dumped.toSorted((a, b) => a.handle - b.handle),
    dumped.toSorted((a, b) => b.handle - a.handle),
  ];
  const isSame = (order: readonly Recorded[]): boolean =>
    dumpOrder(parentsFirst(order).map(({ kind, handle }) => ({ kind, handle }))).join() === wanted;
  return orders.find(isSame) ?? dumped;
}

/** The order of a dump of classes that were made in this one. */
function dumpOrder(made: readonly Pick<Recorded, 'kind' | 'handle'>[]): number[] {
  const [first] = made;
  // hfsc is itself among its classes, as the first.
  const own = first?.kind === 'hfsc' ? [(first.handle & 0xffff_0000) >>> 0] : [];
  const handles = [...own, ...made.map(({ handle }) => handle)];
  let buckets = emptyBuckets(FIRST_BUCKETS);
  for (const [index, handle] of handles.entries()) {
    insert(buckets, handle);
    if ((index + 1) * 4 <= buckets.length * 3) continue;
    const grown = emptyBuckets(2 * buckets.length);
    for (const one of buckets.flat()) insert(grown, one);
    buckets = grown;
  }
  return buckets.flat().filter((handle) => !own.includes(handle));
}

function insert(buckets: readonly number[][], handle: number): void {
  let hash = handle ^ (handle >>> 8);
  hash ^= hash >>> 4;
  buckets[hash & (buckets.length - 1)]?.unshift(handle);
}

function emptyBuckets(count: number): number[][] {
  return Array.from({ length: count }, () => []);
}
