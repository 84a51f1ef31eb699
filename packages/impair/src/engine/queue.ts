import { type Due, PacketHeap } from './packet-heap.ts';
import { PacketRing } from './packet-ring.ts';

/**
 * The delay line: packets by the time when they are due, those of the same time in the order in which
 * they came (net/sched/sch_netem.c, tfifo_enqueue and netem_peek). As in the kernel, packets whose
 * times never go back queue in O(1) and only the others in O(log n), so that a constant delay or
 * a rate costs no search. It allocates only to double its arrays: 16 to 20 bytes per packet.
 */
export class DelayLine {
  readonly #ring = new PacketRing();
  readonly #heap = new PacketHeap();

  /** How many packets it holds. */
  get length(): number {
    return this.#ring.length + this.#heap.length;
  }

  /** When the first packet is due; Infinity if there is none. */
  get firstDueNs(): number {
    return Math.min(this.#ring.firstDueNs, this.#heap.firstDueNs);
  }

  /** The handle of the first packet. Only if there is one. */
  get firstHandle(): number {
    return this.#isRingFirst() ? this.#ring.firstHandle : this.#heap.firstHandle;
  }

  /** The length of the first packet. Only if there is one. */
  get firstBytes(): number {
    return this.#isRingFirst() ? this.#ring.firstBytes : this.#heap.firstBytes;
  }

  /** Adds a packet: `handle` and `lengthBytes` are integers from 0 to 2^32 - 1. */
  push(packet: Due, handle: number, lengthBytes: number): void {
    if (packet.dueNs >= this.#ring.lastDueNs) this.#ring.push(packet, handle, lengthBytes);
    else this.#heap.push(packet, handle, lengthBytes);
  }

  /** Removes the first packet. Only if there is one. */
  shift(): void {
    if (this.#isRingFirst()) this.#ring.shift();
    else this.#heap.shift();
  }

  /** Halves arrays that are at most a quarter full; for moments without traffic. */
  trim(): void {
    this.#ring.trim();
    this.#heap.trim();
  }

  /** Of the same time, the ring's came first: while its last was later, none could join it. */
  #isRingFirst(): boolean {
    return this.#ring.firstDueNs <= this.#heap.firstDueNs;
  }
}
