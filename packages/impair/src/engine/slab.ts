const NO_SLOT = 0xffff;

/** A block of memory in slots of one size, with its free ones in a list threaded through them. */
export class Slab {
  readonly id: number;
  /** Where it stands among the slabs with room. */
  position = -1;
  readonly bytes: Uint8Array;
  readonly slotBytes: number;
  readonly #lengths: Uint32Array;
  /** The next free slot; of one in use, itself. */
  readonly #next: Uint16Array;
  #firstFree = 0;
  #used = 0;

  constructor(id: number, slotBytes: number, slots: number) {
    this.id = id;
    this.bytes = new Uint8Array(slotBytes * slots);
    this.slotBytes = slotBytes;
    this.#lengths = new Uint32Array(slots);
    this.#next = Uint16Array.from({ length: slots }, (_, slot) =>
      slot === slots - 1 ? NO_SLOT : slot + 1,
    );
  }

  get isFull(): boolean {
    return this.#firstFree === NO_SLOT;
  }

  get isEmpty(): boolean {
    return this.#used === 0;
  }

  /** Takes a slot for so many bytes. Only if the slab is not full. */
  take(lengthBytes: number): number {
    const slot = this.#firstFree;
    this.#firstFree = this.#next[slot] as number;
    this.#next[slot] = slot;
    this.#lengths[slot] = lengthBytes;
    this.#used += 1;
    return slot;
  }

  /** Frees a slot; false if it was not in use. */
  release(slot: number): boolean {
    if (this.#next[slot] !== slot) return false;
    this.#next[slot] = this.#firstFree;
    this.#firstFree = slot;
    this.#used -= 1;
    return true;
  }

  /** How many bytes the slot was taken for. */
  lengthOf(slot: number): number {
    return this.#lengths[slot] as number;
  }
}
