import type { ExactDirection } from '@netweir/api';
import type { Term } from '../traffic/term.ts';

/** What a lane is to do with its packets. Plain data, which reaches the engine's thread as a message. */
export interface LaneWanted {
  /** What happens to packets that no rule takes; null: they pass untouched. */
  readonly base: ExactDirection | null;
  /** In the order in which they are asked. */
  readonly rules: readonly LaneRule[];
}

export interface LaneRule {
  /** What tells rules of a lane apart. That of the same key goes on where it was, whatever else changes. */
  readonly key: string;
  /** A packet that has all of one of them is the rule's. */
  readonly terms: readonly Term[];
  /** Null: its packets pass untouched. */
  readonly direction: ExactDirection | null;
}
