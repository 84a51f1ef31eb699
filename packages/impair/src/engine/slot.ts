import type { ExactSlot } from '@netweir/api';
import { tabledist, tableOf } from './delay.ts';
import type { Prng } from './prng.ts';

const TWO_32 = 0x1_0000_0000;

/**
 * Opens from time to time for so many packets and bytes (net/sched/sch_netem.c, get_slot,
 * get_slot_next and the slot part of netem_dequeue). As in the kernel, a slot without any spread of
 * time (all of min, max and jitter 0) is none. Unlike the kernel, which has no evenly distributed
 * slots without a table, `uniform` spreads by the jitter as delays do.
 */
export class SlotGate {
  readonly #slot: ExactSlot | undefined;
  readonly #table: Int16Array | null;
  readonly #prng: Prng;
  readonly #maxPackets: number;
  readonly #maxBytes: number;
  #nextNs: number;
  #packetsLeft: number;
  #bytesLeft: number;

  constructor(slot: ExactSlot | undefined, prng: Prng, nowNs: number) {
    this.#slot = slot !== undefined && hasSpread(slot) ? slot : undefined;
    this.#table = slot && 'distribution' in slot ? tableOf(slot.distribution) : null;
    this.#prng = prng;
    this.#maxPackets = slot?.maxPackets || Infinity;
    this.#maxBytes = slot?.maxBytes || Infinity;
    this.#nextNs = this.#slot ? nowNs : -Infinity;
    this.#packetsLeft = this.#maxPackets;
    this.#bytesLeft = this.#maxBytes;
  }

  /** Whether there are slots at all. */
  get isUsed(): boolean {
    return this.#slot !== undefined;
  }

  /** When the current slot opens; -Infinity without slots. */
  get nextNs(): number {
    return this.#nextNs;
  }

  /** Moves on to a new slot where the first packet in the queue is due only after the current one. */
  await(dueNs: number, nowNs: number): void {
    if (this.#slot !== undefined && this.#nextNs < dueNs) this.#advance(nowNs);
  }

  /** Counts a packet that leaves, and closes the slot when it is used up. */
  pass(lengthBytes: number, nowNs: number): void {
    if (this.#slot === undefined) return;
    this.#packetsLeft -= 1;
    this.#bytesLeft -= lengthBytes;
    if (this.#packetsLeft <= 0 || this.#bytesLeft <= 0) this.#advance(nowNs);
  }

  #advance(nowNs: number): void {
    this.#nextNs = nowNs + this.#delayNs();
    this.#packetsLeft = this.#maxPackets;
    this.#bytesLeft = this.#maxBytes;
  }

  #delayNs(): number {
    const slot = this.#slot;
    if (slot === undefined) return 0;
    const random = this.#prng.next();
    if ('distribution' in slot) {
      return tabledist(slot.delayNs, slot.jitterNs, random, this.#table);
    }
    return slot.minDelayNs + Math.floor((random / TWO_32) * (slot.maxDelayNs - slot.minDelayNs));
  }
}

function hasSpread(slot: ExactSlot): boolean {
  return 'distribution' in slot ? slot.jitterNs > 0 : slot.maxDelayNs > 0;
}
