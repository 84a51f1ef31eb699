import {
  type Direction,
  type ExactDirection,
  exactDirection,
  type ImpairmentReport,
  type Mechanism,
  type MechanismCounters,
} from '@netweir/api';
import { chosenFor, type Packet } from './rule-choice.ts';

/** An interface that packets pass, and whether they leave or enter there. */
export interface Passage {
  readonly report: ImpairmentReport;
  readonly direction: 'egress' | 'ingress';
}

/** Something on the way that is set for the packets that are meant. */
export interface Element {
  readonly name: string;
  readonly passage: Passage;
  readonly set: Direction;
  readonly exact: ExactDirection;
  readonly mechanism: Mechanism | null;
  readonly counters: MechanismCounters | null;
}

/** What is set on the way for packets of a kind, in their order. */
export function elementsFor(passages: readonly Passage[], packet: Packet): Element[] {
  return passages.flatMap((passage) => {
    const { report, direction } = passage;
    const chosen = chosenFor(report, direction, packet);
    if (!chosen.set) return [];
    const mechanism = report[`${direction}Mechanism`];
    const name = `${report.space}/${report.interface}`;
    const exact = exactDirection(chosen.set);
    return [{ name, passage, set: chosen.set, exact, mechanism, counters: chosen.counters }];
  });
}
