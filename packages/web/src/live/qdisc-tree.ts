import type { QdiscSummary } from '@netweir/api';

export interface PlacedQdisc {
  readonly qdisc: QdiscSummary;
  /** How many qdiscs stand above it. */
  readonly depth: number;
}

/** The qdiscs of an interface, each under the one whose class it hangs on. */
export function qdiscTree(qdiscs: readonly QdiscSummary[]): readonly PlacedQdisc[] {
  const placed: PlacedQdisc[] = [];
  const place = (qdisc: QdiscSummary, depth: number): void => {
    placed.push({ qdisc, depth });
    for (const child of qdiscs)
      if (child !== qdisc && isUnder(child, qdisc)) place(child, depth + 1);
  };
  for (const qdisc of qdiscs) {
    if (!qdiscs.some((other) => other !== qdisc && isUnder(qdisc, other))) place(qdisc, 0);
  }
  return placed;
}

/** A class `1:10` belongs to the qdisc `1:`; `0:` is no handle but the want of one. */
function isUnder(child: QdiscSummary, parent: QdiscSummary): boolean {
  return parent.handle !== '0:' && child.parent.startsWith(parent.handle);
}
