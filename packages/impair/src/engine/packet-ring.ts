import type { Due } from './packet-heap.ts';

const INITIAL_CAPACITY = 64;

/**
 * Packets in the order in which they came, whose times never go back: a ring in typed arrays of
 * 16 bytes per packet, O(1), which double when they are full.
 */
export class PacketRing {
  #dueNs = new Float64Array(INITIAL_CAPACITY);
  #handle = new Uint32Array(INITIAL_CAPACITY);
  #bytes = new Uint32Array(INITIAL_CAPACITY);
  #head = 0;
  #length = 0;
  #lastDueNs = -Infinity;

  get length(): number {
    return this.#length;
  }

  /** When the first packet is due; Infinity if there is none. */
  get firstDueNs(): number {
    return this.#length === 0 ? Infinity : (this.#dueNs[this.#head] as number);
  }

  /** When the last packet is due; -Infinity if there is none. */
  get lastDueNs(): number {
    return this.#lastDueNs;
  }

  /** The handle of the first packet. Only if there is one. */
  get firstHandle(): number {
    return this.#handle[this.#head] as number;
  }

  /** The length of the first packet. Only if there is one. */
  get firstBytes(): number {
    return this.#bytes[this.#head] as number;
  }

  /** Adds a packet at the end; `dueNs` is not below `lastDueNs`. */
  push({ dueNs }: Due, handle: number, lengthBytes: number): void {
    if (this.#length === this.#dueNs.length) this.#resize(this.#length * 2);
    const at = (this.#head + this.#length) & (this.#dueNs.length - 1);
    this.#dueNs[at] = dueNs;
    this.#handle[at] = handle;
    this.#bytes[at] = lengthBytes;
    this.#lastDueNs = dueNs;
    this.#length += 1;
  }

  /** Removes the first packet. Only if there is one. */
  shift(): void {
    this.#head = (this.#head + 1) & (this.#dueNs.length - 1);
    this.#length -= 1;
    if (this.#length === 0) this.#lastDueNs = -Infinity;
  }

  /** Gives memory back that the present packets do not need. */
  trim(): void {
    const capacity = this.#dueNs.length;
    if (capacity > INITIAL_CAPACITY && this.#length * 4 <= capacity) this.#resize(capacity / 2);
  }

  #resize(capacity: number): void {
    const dueNs = new Float64Array(capacity);
    const handle = new Uint32Array(capacity);
    const bytes = new Uint32Array(capacity);
    const mask = this.#dueNs.length - 1;
    for (let index = 0; index < this.#length; index++) {
      const from = (this.#head + index) & mask;
      dueNs[index] = this.#dueNs[from] as number;
      handle[index] = this.#handle[from] as number;
      bytes[index] = this.#bytes[from] as number;
    }
    this.#dueNs = dueNs;
    this.#handle = handle;
    this.#bytes = bytes;
    this.#head = 0;
  }
}
