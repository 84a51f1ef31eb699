import type { ExactDirection } from '@netweir/api';
import { defaultLimitPackets } from '../mechanism/limit.ts';
import { Corruption } from './corrupt.ts';
import { tabledist, tableOf } from './delay.ts';
import type { Fate, Frame } from './fate.ts';
import { Chance, type LossModel, lossModel } from './loss.ts';
import { CorrelatedRandom, type Prng } from './prng.ts';
import { packetTimeNs, serialise } from './rate.ts';
import { Reordering } from './reorder.ts';
import { SlotGate } from './slot.ts';

/** What the settings of a direction do, each in its initial state; all draw from one generator. */
export class Stages {
  readonly duplicate: Chance;
  readonly loss: LossModel;
  readonly corruption: Corruption;
  readonly reordering: Reordering;
  readonly slots: SlotGate;
  readonly limitPackets: number;
  readonly marks: boolean;
  readonly #meanNs: number;
  readonly #jitterNs: number;
  readonly #table: Int16Array | null;
  readonly #random: CorrelatedRandom;
  readonly #rate: ExactDirection['rate'];
  readonly #keepsOrder: boolean;

  constructor(exact: ExactDirection, prng: Prng, nowNs: number) {
    const { delay, duplicate } = exact;
    this.duplicate = new Chance(duplicate?.probability ?? 0, duplicate?.correlation ?? 0, prng);
    this.loss = lossModel(exact.loss, prng);
    this.corruption = new Corruption(exact.corrupt, prng);
    this.reordering = new Reordering(exact.reorder, prng);
    this.slots = new SlotGate(exact.slot, prng, nowNs);
    this.limitPackets = exact.limitPackets ?? defaultLimitPackets(exact);
    this.marks = exact.ecn;
    this.#meanNs = delay?.meanNs ?? 0;
    this.#jitterNs = delay?.jitterNs ?? 0;
    this.#table = tableOf(delay?.distribution ?? 'uniform');
    this.#random = new CorrelatedRandom(prng, delay?.correlation ?? 0);
    this.#rate = exact.rate;
    this.#keepsOrder = delay?.keepsOrder ?? false;
  }

  /** Sets when a packet is due that comes with a frame and has its fate. */
  delay(fate: Fate, frame: Frame): void {
    const delayNs =
      this.#jitterNs === 0
        ? this.#meanNs
        : tabledist(this.#meanNs, this.#jitterNs, this.#random.next(), this.#table);
    if (this.#rate === undefined && !this.#keepsOrder) {
      fate.dueNs = frame.nowNs + delayNs;
      return;
    }
    const packetNs = this.#rate ? packetTimeNs(fate.lengthBytes, this.#rate) : 0;
    serialise(fate, frame, delayNs, packetNs);
  }
}
