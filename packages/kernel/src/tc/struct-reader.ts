const NONE = new DataView(new ArrayBuffer(0));

/**
 * Reads a kernel structure member by member, little-endian. A structure that an older kernel sends
 * shorter reads as zero beyond its end, and what a newer kernel adds behind is left unread.
 */
export class StructReader {
  readonly #view: DataView;
  #at = 0;

  constructor(bytes?: Uint8Array) {
    this.#view = bytes ? new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) : NONE;
  }

  u8(): number {
    const at = this.#take(1);
    return at === undefined ? 0 : this.#view.getUint8(at);
  }

  u16(): number {
    const at = this.#take(2);
    return at === undefined ? 0 : this.#view.getUint16(at, true);
  }

  u32(): number {
    const at = this.#take(4);
    return at === undefined ? 0 : this.#view.getUint32(at, true);
  }

  i32(): number {
    const at = this.#take(4);
    return at === undefined ? 0 : this.#view.getInt32(at, true);
  }

  u64(): bigint {
    const at = this.#take(8);
    return at === undefined ? 0n : this.#view.getBigUint64(at, true);
  }

  i64(): bigint {
    const at = this.#take(8);
    return at === undefined ? 0n : this.#view.getBigInt64(at, true);
  }

  #take(count: number): number | undefined {
    const at = this.#at;
    this.#at += count;
    return this.#at <= this.#view.byteLength ? at : undefined;
  }
}

/** As StructReader reads a member, without an object: for what is read of hundreds of messages. */
export function u32At(view: DataView, at: number, end: number): number {
  return at + 4 <= end ? view.getUint32(at, true) : 0;
}

/** As `u32At`; what exceeds 2^53 is rounded. */
export function u64At(view: DataView, at: number, end: number): number {
  if (at + 8 > end) return 0;
  return view.getUint32(at + 4, true) * 0x1_0000_0000 + view.getUint32(at, true);
}

/** The bytes between two places, in the memory of `view`. */
export function bytesAt(view: DataView, start: number, end: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + start, end - start);
}
