import { refuseContradictions } from '../impairment/contradictions.ts';
import type { ExactDirection } from '../impairment/exact.ts';
import { directionOf } from '../impairment/print.ts';
import type { Direction } from '../impairment/schema.ts';
import { chainOf } from './chain.ts';
import type { TcPart } from './part.ts';
import { statementsIn } from './statements.ts';
import { treeOf } from './tree.ts';
import { contradiction } from './words.ts';

/** What a text of tc's asks for. */
export interface TcReading {
  readonly direction: Direction;
  /** What netweir has no word for and leaves out, each in a sentence. */
  readonly notes: readonly string[];
}

/**
 * What tc would do, as a direction: `netem delay 100ms 10ms 25%`, `tbf rate 1mbit burst 32kbit latency 400ms`
 * (what tc takes behind `root`), or whole lines `tc qdisc add dev eth0 root …` that make one netem, tbf, or htb
 * with one class, or a netem with a tbf or htb. Every word means what tc means by it.
 *
 * @throws NetweirError `invalid-quantity`, `invalid-request`, `invalid-combination`: which word, and what is
 * expected in its place
 * @example readTc('netem delay 100ms').direction.delay?.mean // '100ms'
 */
export function readTc(text: string): TcReading {
  const parts = chainOf(treeOf(statementsIn(text)));
  const queue = queueIn(parts);
  const rate = slowestRate(parts);
  const exact = { ...queue.exact, ...(rate && { rate }) };
  refuseContradictions(exact);
  const notes = parts.flatMap((part) => part.notes);
  return {
    direction: directionOf(exact),
    notes: queue.queueNote === undefined ? notes : [...notes, queue.queueNote],
  };
}

/** The direction of `readTc` alone. */
export function directionOfTc(text: string): Direction {
  return readTc(text).direction;
}

/** The netem where there is one, which holds packets longest; else the last of the chain. */
function queueIn(parts: readonly TcPart[]): TcPart {
  const [netem, second] = parts.filter(({ kind }) => kind === 'netem');
  if (second) throw contradiction('one netem hangs on another', 'Write what both do into one.');
  const queue = netem ?? parts.at(-1);
  if (!queue) throw contradiction('nothing is asked for', 'Write netem, tbf or htb.');
  return queue;
}

function slowestRate(parts: readonly TcPart[]): ExactDirection['rate'] {
  return parts
    .flatMap(({ exact }) => exact.rate ?? [])
    .toSorted((a, b) => a.bitPerSec - b.bitPerSec)[0];
}
