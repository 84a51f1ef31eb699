const ARITY = 4;
const INITIAL_CAPACITY = 64;

/** Something with a time. An object and not the number, which a call would have to allocate. */
export interface Due {
  /** In ns. */
  readonly dueNs: number;
}

/**
 * Packets by the time when they are due, the earliest first, and those of the same time in the order
 * in which they came. A heap of arity 4 in typed arrays of 20 bytes per packet, O(log n), which
 * double when they are full.
 */
export class PacketHeap {
  #dueNs = new Float64Array(INITIAL_CAPACITY);
  #sequence = new Uint32Array(INITIAL_CAPACITY);
  #handle = new Uint32Array(INITIAL_CAPACITY);
  #bytes = new Uint32Array(INITIAL_CAPACITY);
  #length = 0;
  #nextSequence = 0;

  get length(): number {
    return this.#length;
  }

  /** When the first packet is due; Infinity if there is none. */
  get firstDueNs(): number {
    return this.#length === 0 ? Infinity : (this.#dueNs[0] as number);
  }

  /** The handle of the first packet. Only if there is one. */
  get firstHandle(): number {
    return this.#handle[0] as number;
  }

  /** The length of the first packet. Only if there is one. */
  get firstBytes(): number {
    return this.#bytes[0] as number;
  }

  push({ dueNs }: Due, handle: number, lengthBytes: number): void {
    let hole = this.#length;
    // The packet waits behind the end until its place is free: numbers stay out of calls, which
    // would allocate them.
    const spare = hole + 1;
    if (spare === this.#dueNs.length) this.#resize(this.#dueNs.length * 2);
    this.#dueNs[spare] = dueNs;
    this.#sequence[spare] = this.#nextSequence;
    this.#handle[spare] = handle;
    this.#bytes[spare] = lengthBytes;
    this.#nextSequence = (this.#nextSequence + 1) | 0;
    this.#length += 1;
    while (hole > 0) {
      const parent = ((hole - 1) / ARITY) | 0;
      if (!this.#isBefore(spare, parent)) break;
      this.#move(parent, hole);
      hole = parent;
    }
    this.#move(spare, hole);
  }

  /** Removes the first packet. Only if there is one. */
  shift(): void {
    this.#length -= 1;
    const last = this.#length;
    let hole = 0;
    for (;;) {
      const child = this.#firstChild(hole);
      if (child >= last || !this.#isBefore(child, last)) break;
      this.#move(child, hole);
      hole = child;
    }
    this.#move(last, hole);
  }

  /** Gives memory back that the present packets do not need. */
  trim(): void {
    const capacity = this.#dueNs.length;
    if (capacity > INITIAL_CAPACITY && (this.#length + 1) * 4 <= capacity)
      this.#resize(capacity / 2);
  }

  /** The child that is due first, or an index beyond the end. */
  #firstChild(parent: number): number {
    let first = parent * ARITY + 1;
    const end = Math.min(first + ARITY, this.#length);
    for (let child = first + 1; child < end; child++) {
      if (this.#isBefore(child, first)) first = child;
    }
    return first;
  }

  #isBefore(one: number, other: number): boolean {
    const dueNs = this.#dueNs[one] as number;
    const otherDueNs = this.#dueNs[other] as number;
    if (dueNs !== otherDueNs) return dueNs < otherDueNs;
    // Sequence numbers wrap: what counts is the sign of their distance.
    return (((this.#sequence[one] as number) - (this.#sequence[other] as number)) | 0) < 0;
  }

  #move(from: number, to: number): void {
    this.#dueNs[to] = this.#dueNs[from] as number;
    this.#sequence[to] = this.#sequence[from] as number;
    this.#handle[to] = this.#handle[from] as number;
    this.#bytes[to] = this.#bytes[from] as number;
  }

  #resize(capacity: number): void {
    const { length } = this;
    const dueNs = new Float64Array(capacity);
    const sequence = new Uint32Array(capacity);
    const handle = new Uint32Array(capacity);
    const bytes = new Uint32Array(capacity);
    dueNs.set(this.#dueNs.subarray(0, length));
    sequence.set(this.#sequence.subarray(0, length));
    handle.set(this.#handle.subarray(0, length));
    bytes.set(this.#bytes.subarray(0, length));
    this.#dueNs = dueNs;
    this.#sequence = sequence;
    this.#handle = handle;
    this.#bytes = bytes;
  }
}
