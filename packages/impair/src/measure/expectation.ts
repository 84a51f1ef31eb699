import type { Comparison } from '@netweir/api';
import type { Compared } from './compare.ts';
import { type Element, elementsFor, type Passage } from './element.ts';
import { type Expected, expectedOf } from './expected.ts';
import { type Circumstances, withHints } from './hints.ts';
import type { Packet } from './rule-choice.ts';

/** What packets pass from one end to the other and back, as it is at the moment. */
export interface Way {
  readonly forward: readonly Passage[];
  readonly backward: readonly Passage[];
  /** Whether that is all that they pass. */
  readonly isKnown: boolean;
  /** Interfaces on it with qdiscs that are not netweir's and may delay, drop or shape. */
  readonly foreign: readonly string[];
}

export type Direction = 'forward' | 'backward';

/** What is set for packets of one kind, each way. */
export interface Elements {
  readonly forward: readonly Element[];
  readonly backward: readonly Element[];
}

/** What is set on a way for packets of a kind; `packet` is one that goes forward. */
export function elementsOn(way: Way, packet: Packet): Elements {
  const answer: Packet = {
    protocol: packet.protocol,
    source: packet.destination,
    destination: packet.source,
    sourcePort: packet.destinationPort,
    destinationPort: packet.sourcePort,
  };
  return {
    forward: elementsFor(way.forward, packet),
    backward: elementsFor(way.backward, answer),
  };
}

export function isSet({ forward, backward }: Elements): boolean {
  return forward.length + backward.length > 0;
}

/** What can be expected of such packets, each way. */
export function expectedOn(
  { forward, backward }: Elements,
  frameBytes: number,
  intervalMs: number,
): Readonly<Record<Direction, Expected>> {
  return {
    forward: expectedOf(forward, frameBytes, intervalMs),
    backward: expectedOf(backward, frameBytes, intervalMs),
  };
}

/** Adds to comparisons of a direction, or of both, why they may be as they are. */
export function explain(
  compared: readonly Compared[],
  before: readonly Element[],
  after: readonly Element[],
  rest: Omit<Circumstances, 'elements' | 'after'>,
): Comparison[] {
  const found = before.map(({ name, passage }) =>
    after.find((one) => one.name === name && one.passage.direction === passage.direction),
  );
  return compared.map((one) => withHints(one, { ...rest, elements: before, after: found }));
}
