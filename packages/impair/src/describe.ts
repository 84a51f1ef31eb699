import { type Direction, directionOf, exactDirection, type QdiscSummary } from '@netweir/api';
import { formatHandle, type Qdisc, TC_H_INGRESS, TC_H_ROOT } from '@netweir/kernel';
import type { RootEntry } from './journal/entry.ts';
import { directionOfNetem } from './mechanism/netem.ts';
import { directionOfTbf } from './mechanism/tbf.ts';
import { isOurs, OUR_MAJOR } from './plan.ts';

/**
 * What netweir does to what an interface sends, by its root qdisc; null where that is not ours. The
 * journal's entry tells what the kernel does not show: the shape of a jitter, a seed.
 */
export function describeEgress(
  root: Qdisc | undefined,
  entry: RootEntry | undefined,
): Direction | null {
  if (!isOurs(root)) return null;
  const { options } = root;
  if (options?.kind === 'tbf') return directionOf(directionOfTbf(options));
  if (options?.kind !== 'netem') return null;
  const asked = entry && exactDirection(entry.setting.egress);
  return directionOf(directionOfNetem(options, asked));
}

/** The qdiscs of an interface as tc names their places. */
export function describeQdiscs(qdiscs: readonly Qdisc[]): QdiscSummary[] {
  return qdiscs.map(({ kind, handle, parent }) => ({
    kind,
    handle: formatHandle(handle),
    parent: describeParent(kind, parent),
    ours: handle >>> 16 === OUR_MAJOR,
  }));
}

function describeParent(kind: string, parent: number): string {
  if (parent === TC_H_ROOT) return 'root';
  // clsact and ingress share their place.
  return parent === TC_H_INGRESS ? kind : formatHandle(parent);
}
