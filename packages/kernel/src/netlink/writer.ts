const NLA_F_NESTED = 0x8000;
const ATTRIBUTE_HEADER_LENGTH = 4;
const ATTRIBUTE_MAX_LENGTH = 0xffff;

const utf8 = new TextEncoder();

/** The length of `length` bytes once padded to netlink's alignment of four. */
export function align4(length: number): number {
  return (length + 3) & ~3;
}

/**
 * Writes kernel structures and netlink attributes into one growing buffer, little-endian, as every
 * host that Node runs Linux on is. Methods return the writer, so that a structure reads as a list
 * of its members.
 */
export class Writer {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  u8(value: number): this {
    const at = this.#take(1);
    this.#view.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    const at = this.#take(2);
    this.#view.setUint16(at, value, true);
    return this;
  }

  /** A 16-bit value in network order, such as a port or an ethertype. */
  be16(value: number): this {
    const at = this.#take(2);
    this.#view.setUint16(at, value, false);
    return this;
  }

  u32(value: number): this {
    const at = this.#take(4);
    this.#view.setUint32(at, value, true);
    return this;
  }

  be32(value: number): this {
    const at = this.#take(4);
    this.#view.setUint32(at, value, false);
    return this;
  }

  i32(value: number): this {
    const at = this.#take(4);
    this.#view.setInt32(at, value, true);
    return this;
  }

  u64(value: bigint | number): this {
    const at = this.#take(8);
    this.#view.setBigUint64(at, BigInt(value), true);
    return this;
  }

  i64(value: bigint | number): this {
    const at = this.#take(8);
    this.#view.setBigInt64(at, BigInt(value), true);
    return this;
  }

  zeros(count: number): this {
    const at = this.#take(count);
    this.#bytes.fill(0, at, at + count);
    return this;
  }

  raw(bytes: Uint8Array): this {
    const at = this.#take(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** One attribute whose payload `write` produces; padded to four bytes behind it. */
  attribute(type: number, write: (writer: this) => void): this {
    const start = this.#take(ATTRIBUTE_HEADER_LENGTH);
    write(this);
    const length = this.#length - start;
    if (length > ATTRIBUTE_MAX_LENGTH) {
      throw new RangeError(`netlink attribute ${type} of ${length} bytes exceeds 65535`);
    }
    this.#view.setUint16(start, length, true);
    this.#view.setUint16(start + 2, type, true);
    return this.zeros(align4(length) - length);
  }

  /** A nest: an attribute of attributes, with NLA_F_NESTED set. */
  nest(type: number, write: (writer: this) => void): this {
    return this.attribute(type | NLA_F_NESTED, write);
  }

  attributeFlag(type: number): this {
    return this.attribute(type, () => {});
  }

  attributeU8(type: number, value: number): this {
    return this.attribute(type, (w) => w.u8(value));
  }

  attributeU16(type: number, value: number): this {
    return this.attribute(type, (w) => w.u16(value));
  }

  attributeU32(type: number, value: number): this {
    return this.attribute(type, (w) => w.u32(value));
  }

  attributeI32(type: number, value: number): this {
    return this.attribute(type, (w) => w.i32(value));
  }

  attributeU64(type: number, value: bigint | number): this {
    return this.attribute(type, (w) => w.u64(value));
  }

  attributeBytes(type: number, bytes: Uint8Array): this {
    return this.attribute(type, (w) => w.raw(bytes));
  }

  /** A string attribute that ends with a NUL, as the kernel and iproute2 send names. */
  attributeString(type: number, text: string): this {
    return this.attribute(type, (w) => w.raw(utf8.encode(text)).u8(0));
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Makes room, which may replace the memory: to be called before `#bytes` or `#view` is read. */
  #take(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) this.#grow();
    return at;
  }

  #grow(): void {
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
