import { type DirectionModel, NOTHING } from './direction.ts';
import { type Fate, HELD, SENT } from './fate.ts';

export interface Arrival {
  readonly atNs: number;
  readonly lengthBytes: number;
}

export interface Departure {
  /** Which arrival, from 0. */
  readonly packet: number;
  readonly atNs: number;
  readonly dueNs: number;
  readonly isDuplicate: boolean;
  readonly corruptBit: number;
}

/** Sends packets through a model as its thread does, with a clock that is always on time. */
export function replay(model: DirectionModel, arrivals: readonly Arrival[]): Departure[] {
  const departures: Departure[] = [];
  const held: Departure[] = [];
  const release = (atNs: number): void => {
    for (let handle = model.dequeue(atNs); handle !== NOTHING; handle = model.dequeue(atNs)) {
      const packet = held[handle];
      if (packet === undefined) throw new Error(`nobody held ${handle}`);
      departures.push({ ...packet, atNs });
    }
  };
  const apply = (fate: Fate, packet: number, { atNs }: Arrival): void => {
    const { outcome, dueNs, isDuplicate, corruptBit } = fate;
    const departure = { packet, atNs, dueNs, isDuplicate, corruptBit };
    if (outcome === SENT) departures.push(departure);
    if (outcome !== HELD) return;
    held.push(departure);
    model.hold(fate, held.length - 1);
  };
  for (const [packet, arrival] of arrivals.entries()) {
    while (model.wakeNs < arrival.atNs) release(model.wakeNs);
    const verdict = model.enqueue(arrival.atNs, arrival.lengthBytes);
    apply(verdict.duplicate, packet, arrival);
    apply(verdict.packet, packet, arrival);
    release(arrival.atNs);
  }
  while (model.wakeNs < Infinity) release(model.wakeNs);
  return departures;
}

/** So many packets of one length in even steps. */
export function stream(count: number, stepNs: number, lengthBytes = 100): Arrival[] {
  return Array.from({ length: count }, (_, index) => ({ atNs: index * stepNs, lengthBytes }));
}
