import { isDeepStrictEqual } from 'node:util';
import { type ExactDirection, exactDirection } from '@netweir/api';
import { DirectionModel } from './direction.ts';
import type { Scheduled } from './schedule.ts';

const UNTOUCHED = exactDirection({});

/** What happens to part of a lane's packets: to those of a rule, or to those that no rule takes. */
export class Branch implements Scheduled {
  readonly model: DirectionModel;
  sentPackets = 0;
  sentBytes = 0;
  /** Frames that the kernel did not take back, as with a link that is down. */
  undelivered = 0;
  queuedBytes = 0;
  /** Which of the lane's counters are its own; -1 for one that only delivers what waits in it. */
  index = -1;
  /** Whether its counters are to be published. */
  isTouched = false;
  wakeNs: number = Infinity;
  place = -1;
  #direction: ExactDirection | null;

  constructor(direction: ExactDirection | null, seed: bigint, nowNs: number) {
    this.#direction = direction;
    this.model = new DirectionModel(direction ?? UNTOUCHED, seed, nowNs);
  }

  /** Whether packets pass by its model, which may still hold some. */
  get isUntouched(): boolean {
    return this.#direction === null;
  }

  does(direction: ExactDirection | null): boolean {
    return isDeepStrictEqual(this.#direction, direction);
  }

  /** Takes other settings, or the same ones anew; what waits stays as it is. */
  reconfigure(direction: ExactDirection | null, seed: bigint, nowNs: number): void {
    this.#direction = direction;
    this.model.reconfigure(direction ?? UNTOUCHED, seed, nowNs);
  }
}
