const NLA_F_NESTED = 0x8000;
const ATTRIBUTE_HEADER_LENGTH = 4;
const ATTRIBUTE_MAX_LENGTH = 0xffff;

const BLOCK_LENGTH = 0x10000;
/** What is longer than this gets memory of its own, so that little of a block stays unused. */
const SHARED_MAX_LENGTH = 0x1000;
const ASCII_MAX = 0x7f;
const U32_RANGE = 0x1_0000_0000;

const utf8 = new TextEncoder();

/** The length of `length` bytes once padded to netlink's alignment of four. */
export function align4(length: number): number {
  return (length + 3) & ~3;
}

/** Memory that writers take from the front. */
class Block {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  used = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.view = new DataView(this.bytes.buffer);
  }
}

let shared = new Block(BLOCK_LENGTH);

/** A block with room for `length` bytes from its `used` on; that part is not yet taken. */
function blockFor(length: number): Block {
  if (length > SHARED_MAX_LENGTH) return new Block(length);
  if (shared.used + length > BLOCK_LENGTH) shared = new Block(BLOCK_LENGTH);
  return shared;
}

/**
 * Writes kernel structures and netlink attributes into one growing piece of memory, little-endian, as
 * every host that Node runs Linux on is. Methods return the writer, so that a structure reads as a
 * list of its members. Writers share blocks of memory, each taking its part: an ArrayBuffer for each
 * message would cost more than the system calls that carry it.
 */
export class Writer {
  #block: Block;
  #start: number;
  #end: number;
  #limit: number;

  constructor(capacity = 512) {
    const block = blockFor(capacity);
    this.#block = block;
    this.#start = block.used;
    this.#end = block.used;
    block.used += capacity;
    this.#limit = block.used;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  u8(value: number): this {
    const at = this.#take(1);
    this.#block.view.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    const at = this.#take(2);
    this.#block.view.setUint16(at, value, true);
    return this;
  }

  /** A 16-bit value in network order, such as a port or an ethertype. */
  be16(value: number): this {
    const at = this.#take(2);
    this.#block.view.setUint16(at, value, false);
    return this;
  }

  u32(value: number): this {
    const at = this.#take(4);
    this.#block.view.setUint32(at, value, true);
    return this;
  }

  be32(value: number): this {
    const at = this.#take(4);
    this.#block.view.setUint32(at, value, false);
    return this;
  }

  i32(value: number): this {
    const at = this.#take(4);
    this.#block.view.setInt32(at, value, true);
    return this;
  }

  u64(value: bigint | number): this {
    if (typeof value === 'number') return this.#twoHalves(value);
    const at = this.#take(8);
    this.#block.view.setBigUint64(at, value, true);
    return this;
  }

  i64(value: bigint | number): this {
    if (typeof value === 'number') return this.#twoHalves(value);
    const at = this.#take(8);
    this.#block.view.setBigInt64(at, value, true);
    return this;
  }

  /** A 64-bit value in network order; a number has to be a safe integer. */
  be64(value: bigint | number): this {
    const at = this.#take(8);
    this.#block.view.setBigUint64(at, BigInt.asUintN(64, BigInt(value)), false);
    return this;
  }

  /** What nothing was written to is zero already. */
  zeros(count: number): this {
    this.#take(count);
    return this;
  }

  raw(bytes: Uint8Array): this {
    const at = this.#take(bytes.length);
    this.#block.bytes.set(bytes, at);
    return this;
  }

  /** One attribute whose payload `write` produces; padded to four bytes behind it. */
  attribute(type: number, write: (writer: this) => void): this {
    const before = this.length;
    this.#take(ATTRIBUTE_HEADER_LENGTH);
    write(this);
    const length = this.length - before;
    if (length > ATTRIBUTE_MAX_LENGTH) {
      throw new RangeError(`netlink attribute ${type} of ${length} bytes exceeds 65535`);
    }
    const start = this.#start + before;
    this.#block.view.setUint16(start, length, true);
    this.#block.view.setUint16(start + 2, type, true);
    return this.#pad(length);
  }

  /** A nest: an attribute of attributes, with NLA_F_NESTED set. */
  nest(type: number, write: (writer: this) => void): this {
    return this.attribute(type | NLA_F_NESTED, write);
  }

  attributeFlag(type: number): this {
    return this.#header(type, 0);
  }

  attributeU8(type: number, value: number): this {
    return this.#header(type, 1).u8(value).#pad(1);
  }

  attributeU16(type: number, value: number): this {
    return this.#header(type, 2).u16(value).#pad(2);
  }

  attributeU32(type: number, value: number): this {
    return this.#header(type, 4).u32(value);
  }

  attributeBe16(type: number, value: number): this {
    return this.#header(type, 2).be16(value).#pad(2);
  }

  attributeBe32(type: number, value: number): this {
    return this.#header(type, 4).be32(value);
  }

  attributeBe64(type: number, value: bigint | number): this {
    return this.#header(type, 8).be64(value);
  }

  attributeI32(type: number, value: number): this {
    return this.#header(type, 4).i32(value);
  }

  attributeU64(type: number, value: bigint | number): this {
    return this.#header(type, 8).u64(value);
  }

  attributeBytes(type: number, bytes: Uint8Array): this {
    return this.attribute(type, (w) => w.raw(bytes));
  }

  /** A string attribute that ends with a NUL, as the kernel and iproute2 send names. */
  attributeString(type: number, text: string): this {
    return this.attribute(type, (w) => w.#text(text).u8(0));
  }

  /**
   * What was written, in memory that no one else writes to; its buffer holds other messages too. The
   * writer may go on, which leaves the result as it is.
   */
  finish(): Uint8Array {
    const block = this.#block;
    if (block.used === this.#limit) block.used = this.#end;
    this.#limit = this.#end;
    return new Uint8Array(block.bytes.buffer, this.#start, this.#end - this.#start);
  }

  #header(type: number, payloadLength: number): this {
    return this.u16(ATTRIBUTE_HEADER_LENGTH + payloadLength).u16(type);
  }

  #pad(length: number): this {
    return this.zeros(align4(length) - length);
  }

  /** ASCII, as names nearly always are, is written here: TextEncoder takes longer than a whole message. */
  #text(text: string): this {
    const at = this.#take(text.length);
    const { bytes } = this.#block;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > ASCII_MAX) {
        this.#end = at;
        return this.raw(utf8.encode(text));
      }
      bytes[at + index] = code;
    }
    return this;
  }

  /** A safe integer as 64 bits, without a bigint. */
  #twoHalves(value: number): this {
    const high = Math.floor(value / U32_RANGE);
    return this.u32(value - high * U32_RANGE).i32(high);
  }

  /** Makes room, which may replace the memory: to be called before `#block` is read. */
  #take(count: number): number {
    if (this.#end + count > this.#limit) this.#grow(count);
    const at = this.#end;
    this.#end += count;
    return at;
  }

  #grow(count: number): void {
    const length = this.#end - this.#start;
    const capacity = Math.max(2 * length, length + count);
    const block = blockFor(capacity);
    block.bytes.set(this.#block.bytes.subarray(this.#start, this.#end), block.used);
    this.#block = block;
    this.#start = block.used;
    this.#end = block.used + length;
    block.used += capacity;
    this.#limit = block.used;
  }
}
