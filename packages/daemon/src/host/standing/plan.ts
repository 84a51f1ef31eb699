import { isDeepStrictEqual } from 'node:util';
import type { Impairment } from '@netweir/api';

/** What is to be done to an interface of a container. */
export interface Wanted {
  /** The rule's name, or `labels`; null where a person set it. */
  readonly rule: string | null;
  readonly impairment: Impairment;
  /** When a person's lease ends; a rule's begins when it is applied. */
  readonly expiresAt?: Date | undefined;
}

/** What was last done to it. */
export interface Placed {
  readonly rule: string | null;
  readonly impairment: Impairment;
  /** False where its lease is over, or where it could not be put on. */
  readonly inForce: boolean;
}

/**
 * What brings an interface from what was done to what is wanted. What has been tried is not tried again
 * until something else is wanted: its own events would make that go on for ever.
 */
export function planInterface(
  placed: Placed | undefined,
  wanted: Wanted | undefined,
): 'keep' | 'apply' | 'clear' | 'forget' {
  // What a person set ends by a person, or by its lease.
  if (placed?.rule === null && placed.inForce) return 'keep';
  if (!wanted) {
    if (!placed) return 'keep';
    return placed.inForce ? 'clear' : 'forget';
  }
  const isDone =
    placed?.rule === wanted.rule && isDeepStrictEqual(placed.impairment, wanted.impairment);
  return isDone ? 'keep' : 'apply';
}
