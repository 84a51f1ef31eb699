import type { Slab } from './slab.ts';
import { SlabClass } from './slab-class.ts';

/** Slots in a slab at most, which leaves 19 bits of a small integer for the slab. */
const SLOT_BITS = 12;
const SLOT_MASK = (1 << SLOT_BITS) - 1;
const SLAB_BYTES = 1 << 20;
const CLASS_BYTES = [256, 2048, 16_384, 81_920] as const;

/** What `alloc` returns for a packet that is longer than any slot. */
export const NO_PACKET = -1;

/** The longest packet that a pool holds, in bytes: a whole GSO frame with its headers. */
export const MAX_PACKET_BYTES = 81_920;

/**
 * Memory for the frames in a queue, in slots of 256 B, 2 KiB, 16 KiB and 80 KiB out of slabs of
 * 1 MiB, so that a packet costs its slot and 6 bytes. `alloc` and `free` are O(1) and, but for a
 * new slab, allocate nothing. A handle is an integer from 0 to 2^31 - 1 and good until it is freed;
 * the memory behind it never moves.
 */
export class PacketPool {
  readonly #classes = CLASS_BYTES.map(
    (bytes) =>
      new SlabClass(bytes, Math.min(SLOT_MASK + 1, Math.max(1, Math.floor(SLAB_BYTES / bytes)))),
  );
  /** Slabs by their ids; a gap is an id to use again. */
  readonly #slabs: (Slab | undefined)[] = [];
  readonly #vacantIds: number[] = [];
  #packets = 0;
  #memoryBytes = 0;

  /** How many packets it holds. */
  get packets(): number {
    return this.#packets;
  }

  /** Memory of all slabs, in bytes. */
  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  /** A handle of memory for so many bytes, or NO_PACKET where that is more than MAX_PACKET_BYTES. */
  alloc(lengthBytes: number): number {
    const slabs = this.#classFor(lengthBytes);
    if (slabs === undefined) return NO_PACKET;
    const slab = slabs.roomy() ?? this.#addSlab(slabs);
    const slot = slabs.take(slab, lengthBytes);
    this.#packets += 1;
    return (slab.id << SLOT_BITS) | slot;
  }

  /**
   * Gives a packet's memory back.
   *
   * @throws RangeError where the handle is of no packet, such as one freed before
   */
  free(handle: number): void {
    const slab = this.#slabs[handle >>> SLOT_BITS];
    const slabs = slab && this.#classFor(slab.slotBytes);
    if (!slabs?.release(slab as Slab, handle & SLOT_MASK)) {
      throw new RangeError(`packet ${handle} is not in the pool`);
    }
    this.#packets -= 1;
  }

  /** The memory in which the packet stands, from `offset(handle)` on. */
  bytes(handle: number): Uint8Array {
    return this.#slab(handle).bytes;
  }

  /** Where in `bytes(handle)` the packet begins. */
  offset(handle: number): number {
    return (handle & SLOT_MASK) * this.#slab(handle).slotBytes;
  }

  /** For how many bytes it was allocated. */
  length(handle: number): number {
    return this.#slab(handle).lengthOf(handle & SLOT_MASK);
  }

  /** Drops the slabs that were not needed since the last call; for moments without traffic. */
  trim(): void {
    for (const slabs of this.#classes) {
      for (const { id, bytes } of slabs.takeIdle()) {
        this.#memoryBytes -= bytes.length;
        this.#slabs[id] = undefined;
        this.#vacantIds.push(id);
      }
    }
  }

  #slab(handle: number): Slab {
    return this.#slabs[handle >>> SLOT_BITS] as Slab;
  }

  #addSlab(slabs: SlabClass): Slab {
    const id = this.#vacantIds.pop() ?? this.#slabs.length;
    const slab = slabs.create(id);
    this.#slabs[id] = slab;
    this.#memoryBytes += slab.bytes.length;
    return slab;
  }

  #classFor(bytes: number): SlabClass | undefined {
    for (let index = 0; index < CLASS_BYTES.length; index++) {
      if (bytes <= (CLASS_BYTES[index] as number)) return this.#classes[index];
    }
    return undefined;
  }
}
