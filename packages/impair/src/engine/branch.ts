import { type ExactDirection, exactDirection } from '@netweir/api';
import { DirectionModel } from './direction.ts';
import type { Scheduled } from './schedule.ts';

const UNTOUCHED = exactDirection({});

/** What happens to part of a lane's packets: to those of a rule, or to those that no rule takes. */
export class Branch implements Scheduled {
  readonly model: DirectionModel;
  /** Whether packets pass by its model, which may still hold some. */
  isUntouched: boolean;
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

  /** Without a direction its packets pass untouched. */
  constructor(direction: ExactDirection | null, seed: bigint, nowNs: number) {
    this.isUntouched = direction === null;
    this.model = new DirectionModel(direction ?? UNTOUCHED, seed, nowNs);
  }

  /** Takes other settings, or the same ones anew; what waits stays as it is. */
  reconfigure(direction: ExactDirection | null, seed: bigint, nowNs: number): void {
    this.isUntouched = direction === null;
    this.model.reconfigure(direction ?? UNTOUCHED, seed, nowNs);
  }
}
