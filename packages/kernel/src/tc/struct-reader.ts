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
