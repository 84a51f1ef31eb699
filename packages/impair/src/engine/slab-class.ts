import { Slab } from './slab.ts';

/** The slabs of one size of slot that have room. Those that are full only the pool knows. */
export class SlabClass {
  readonly slotBytes: number;
  readonly #slots: number;
  /** With some slots in use and some free. The last is used first. */
  readonly #partial: Slab[] = [];
  /** With all slots free. */
  readonly #empty: Slab[] = [];
  /** The fewest empty slabs since the last trim: as many were not needed. */
  #idle = 0;

  constructor(slotBytes: number, slots: number) {
    this.slotBytes = slotBytes;
    this.#slots = slots;
  }

  /** A new slab, from which packets may be taken. */
  create(id: number): Slab {
    const slab = new Slab(id, this.slotBytes, this.#slots);
    this.#addPartial(slab);
    return slab;
  }

  /** A slab with room, if there is one. */
  roomy(): Slab | undefined {
    const partial = this.#partial.at(-1);
    if (partial !== undefined) return partial;
    const empty = this.#empty.pop();
    if (empty === undefined) return undefined;
    this.#idle = Math.min(this.#idle, this.#empty.length);
    this.#addPartial(empty);
    return empty;
  }

  /** Takes a slot of a slab that `roomy` or `create` gave. */
  take(slab: Slab, lengthBytes: number): number {
    const slot = slab.take(lengthBytes);
    if (slab.isFull) this.#removePartial(slab);
    return slot;
  }

  /** Frees a slot; false if it was not in use. */
  release(slab: Slab, slot: number): boolean {
    const wasFull = slab.isFull;
    if (!slab.release(slot)) return false;
    if (wasFull) this.#addPartial(slab);
    if (slab.isEmpty) {
      this.#removePartial(slab);
      this.#empty.push(slab);
    }
    return true;
  }

  /** The slabs that have stood empty since the last call. They are the caller's to drop. */
  takeIdle(): Slab[] {
    const idle = this.#empty.splice(0, this.#idle);
    this.#idle = this.#empty.length;
    return idle;
  }

  #addPartial(slab: Slab): void {
    slab.position = this.#partial.length;
    this.#partial.push(slab);
  }

  #removePartial(slab: Slab): void {
    const last = this.#partial.pop();
    if (last === undefined || last === slab) return;
    this.#partial[slab.position] = last;
    last.position = slab.position;
  }
}
