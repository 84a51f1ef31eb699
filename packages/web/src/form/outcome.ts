import { type ImpairmentReport, type Mechanism, summarize } from '@netweir/api';
import { WAYS, type Way } from './ways.ts';

/** Who does something to the packets: the kernel, or netweir's own engine. */
export type Doer = 'kernel' | 'userspace';

/** What one of them does, as the report says. */
export interface Deed {
  readonly doer: Doer;
  readonly parts: readonly { readonly way: Way; readonly summary: string }[];
}

/** What is in force by a report; both directions together where the same one does both. */
export function deedsOf(report: ImpairmentReport): readonly Deed[] {
  const parts = WAYS.flatMap((way) => {
    const direction = report[way];
    return direction
      ? [{ way, summary: summarize(direction), doer: doerOf(report[`${way}Mechanism`]) }]
      : [];
  });
  return (['kernel', 'userspace'] as const)
    .map((doer) => ({
      doer,
      parts: parts
        .filter((part) => part.doer === doer)
        .map(({ way, summary }) => ({ way, summary })),
    }))
    .filter((deed) => deed.parts.length > 0);
}

function doerOf(mechanism: Mechanism | null): Doer {
  return mechanism === 'userspace' ? 'userspace' : 'kernel';
}
