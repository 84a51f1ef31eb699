import type { QdiscSummary } from '@netweir/api';
import { formatHandle, type Qdisc, TC_H_INGRESS, TC_H_ROOT } from '@netweir/kernel';
import { OUR_MAJOR } from './plan.ts';

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
