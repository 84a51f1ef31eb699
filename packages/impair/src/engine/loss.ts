import { CERTAIN, type ExactLoss } from '@netweir/api';
import { CorrelatedRandom, type Prng } from './prng.ts';

/** Decides packet by packet which are lost (net/sched/sch_netem.c, loss_event). */
export interface LossModel {
  /** Whether the next packet is lost. */
  isLost(): boolean;
}

/** The model of a loss in its initial state, drawing from `prng`. */
export function lossModel(loss: ExactLoss | undefined, prng: Prng): LossModel {
  switch (loss?.model) {
    case undefined:
      return NO_LOSS;
    case 'random':
      return new Chance(loss.probability, loss.correlation, prng);
    case 'gilbert-elliott':
      return new GilbertElliott(loss, prng);
    case 'state':
      return new FourState(loss, prng);
  }
}

const NO_LOSS: LossModel = { isLost: () => false };

/**
 * An event with a probability and a correlation in the kernel's scale. 0 never happens and draws
 * nothing, 0xffffffff always happens (net/sched/sch_netem.c, netem_enqueue and loss_event).
 */
export class Chance implements LossModel {
  readonly #probability: number;
  readonly #random: CorrelatedRandom;

  constructor(probability: number, correlation: number, prng: Prng) {
    this.#probability = probability;
    this.#random = new CorrelatedRandom(prng, correlation);
  }

  happens(): boolean {
    return this.#probability !== 0 && this.#probability >= this.#random.next();
  }

  isLost(): boolean {
    return this.happens();
  }
}

/**
 * Two states with a loss each (net/sched/sch_netem.c, loss_gilb_ell). The first number of a packet
 * may change the state, which counts from the next packet on; the second decides the loss.
 */
class GilbertElliott implements LossModel {
  readonly #prng: Prng;
  readonly #toBad: number;
  readonly #toGood: number;
  /** The kernel's h: the chance to get through. */
  readonly #passInBad: number;
  readonly #lossInGood: number;
  #isBad = false;

  constructor(loss: Extract<ExactLoss, { model: 'gilbert-elliott' }>, prng: Prng) {
    this.#prng = prng;
    this.#toBad = loss.p;
    this.#toGood = loss.r;
    this.#passInBad = CERTAIN - loss.lossInBad;
    this.#lossInGood = loss.lossInGood;
  }

  isLost(): boolean {
    if (this.#isBad) {
      if (this.#prng.next() < this.#toGood) this.#isBad = false;
      return this.#prng.next() > this.#passInBad;
    }
    if (this.#prng.next() < this.#toBad) this.#isBad = true;
    return this.#prng.next() < this.#lossInGood;
  }
}

/** States as they are numbered in the model's paper, and in tc. */
const GOOD = 1;
const SENT_IN_BURST = 2;
const LOST_IN_BURST = 3;
const LOST_ALONE = 4;

/**
 * The four-state model (net/sched/sch_netem.c, loss_4state): one number per packet, and what is lost
 * is decided by the state that it leads to. Sums of probabilities above 100% wrap as the kernel's u32
 * do.
 */
class FourState implements LossModel {
  readonly #prng: Prng;
  readonly #p14: number;
  readonly #p13OrP14: number;
  readonly #p23: number;
  readonly #p32: number;
  readonly #p31OrP32: number;
  #state = GOOD;

  constructor(loss: Extract<ExactLoss, { model: 'state' }>, prng: Prng) {
    this.#prng = prng;
    this.#p14 = loss.p14;
    this.#p13OrP14 = (loss.p13 + loss.p14) >>> 0;
    this.#p23 = loss.p23;
    this.#p32 = loss.p32;
    this.#p31OrP32 = (loss.p31 + loss.p32) >>> 0;
  }

  isLost(): boolean {
    const random = this.#prng.next();
    switch (this.#state) {
      case GOOD:
        return this.#leaveGood(random);
      case SENT_IN_BURST:
        if (random >= this.#p23) return false;
        this.#state = LOST_IN_BURST;
        return true;
      case LOST_IN_BURST:
        return this.#leaveBurst(random);
      default:
        this.#state = GOOD;
        return false;
    }
  }

  #leaveGood(random: number): boolean {
    if (random < this.#p14) this.#state = LOST_ALONE;
    else if (random < this.#p13OrP14) this.#state = LOST_IN_BURST;
    return this.#state !== GOOD;
  }

  #leaveBurst(random: number): boolean {
    if (random < this.#p32) this.#state = SENT_IN_BURST;
    else if (random < this.#p31OrP32) this.#state = GOOD;
    else return true;
    return false;
  }
}
