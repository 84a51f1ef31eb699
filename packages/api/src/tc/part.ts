import type { ExactDirection } from '../impairment/exact.ts';

/** What one qdisc, or a class of htb, does to all packets. */
export interface TcPart {
  readonly kind: 'netem' | 'tbf' | 'htb';
  readonly exact: ExactDirection;
  /** What of it netweir has no word for and leaves out, each in a sentence. */
  readonly notes: readonly string[];
  /** What is to be said where the length of its queue is taken over. */
  readonly queueNote?: string;
}
