import type { ExactDirection } from '@netweir/api';
import { CorrelatedRandom, type Prng } from './prng.ts';

/**
 * Which packets jump the queue (net/sched/sch_netem.c, netem_enqueue): after `gap - 1` delayed ones
 * each next one does with the probability, until one has done. So a gap of 3 at 100% lets
 * every third packet go at once.
 */
export class Reordering {
  readonly #gap: number;
  readonly #probability: number;
  readonly #random: CorrelatedRandom;
  #delayed = 0;

  constructor(reorder: ExactDirection['reorder'], prng: Prng) {
    this.#gap = reorder?.gap ?? 0;
    this.#probability = reorder?.probability ?? 0;
    this.#random = new CorrelatedRandom(prng, reorder?.correlation ?? 0);
  }

  /** Whether the next packet jumps the queue. */
  jumps(): boolean {
    if (this.#gap === 0) return false;
    if (this.#delayed < this.#gap - 1 || this.#probability < this.#random.next()) {
      this.#delayed += 1;
      return false;
    }
    this.#delayed = 0;
    return true;
  }
}
