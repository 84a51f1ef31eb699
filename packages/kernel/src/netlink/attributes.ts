import { align4 } from './writer.ts';

const TYPE_MASK = 0x3fff;
/** `struct nlattr`: the payload of an attribute is that far behind its place. */
export const ATTRIBUTE_HEADER_LENGTH = 4;

const utf8 = new TextDecoder();

/**
 * The attributes of one netlink message or nest, found by type. A type that occurs twice gives its
 * last occurrence; `entries` gives all in order. Reading past an attribute's end throws RangeError:
 * a caller that reads a number the kernel may send shorter checks `length` first.
 */
export class Attributes {
  readonly #view: DataView;
  /** In their order: there are few, so that looking through them is quicker than any index. */
  readonly #types: number[] = [];
  readonly #offsets: number[] = [];

  private constructor(view: DataView, offset: number) {
    this.#view = view;
    walkAttributes(view, offset, view.byteLength, (type, start) => {
      this.#types.push(type);
      this.#offsets.push(start - ATTRIBUTE_HEADER_LENGTH);
    });
  }

  /** Reads the attributes that fill `bytes` from `offset` to the end; a malformed tail is left out. */
  static read(bytes: Uint8Array, offset = 0): Attributes {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new Attributes(view, offset);
  }

  /** The payloads of all attributes in order, with their types: for arrays of attributes. */
  static entries(bytes: Uint8Array, offset = 0): { type: number; payload: Uint8Array }[] {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const entries: { type: number; payload: Uint8Array }[] = [];
    walkAttributes(view, offset, view.byteLength, (type, start) =>
      entries.push({ type, payload: payloadAt(view, start - ATTRIBUTE_HEADER_LENGTH) }),
    );
    return entries;
  }

  has(type: number): boolean {
    return this.#types.includes(type);
  }

  /** The payload's length in bytes, or undefined where the attribute is absent. */
  length(type: number): number | undefined {
    const at = this.#offsetOf(type);
    return at === undefined ? undefined : this.#view.getUint16(at, true) - ATTRIBUTE_HEADER_LENGTH;
  }

  /** A view of the payload; it shares memory with the message. */
  bytes(type: number): Uint8Array | undefined {
    const at = this.#offsetOf(type);
    return at === undefined ? undefined : payloadAt(this.#view, at);
  }

  /** A DataView of the payload, for structures. */
  view(type: number): DataView | undefined {
    const bytes = this.bytes(type);
    return bytes && new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(type: number): number | undefined {
    return this.view(type)?.getUint8(0);
  }

  u16(type: number): number | undefined {
    return this.view(type)?.getUint16(0, true);
  }

  be16(type: number): number | undefined {
    return this.view(type)?.getUint16(0, false);
  }

  u32(type: number): number | undefined {
    return this.view(type)?.getUint32(0, true);
  }

  be32(type: number): number | undefined {
    return this.view(type)?.getUint32(0, false);
  }

  be64(type: number): bigint | undefined {
    return this.view(type)?.getBigUint64(0, false);
  }

  i32(type: number): number | undefined {
    return this.view(type)?.getInt32(0, true);
  }

  u64(type: number): bigint | undefined {
    return this.view(type)?.getBigUint64(0, true);
  }

  i64(type: number): bigint | undefined {
    return this.view(type)?.getBigInt64(0, true);
  }

  /** The text up to the first NUL. */
  string(type: number): string | undefined {
    const bytes = this.bytes(type);
    if (!bytes) return undefined;
    const end = bytes.indexOf(0);
    return utf8.decode(end < 0 ? bytes : bytes.subarray(0, end));
  }

  #offsetOf(type: number): number | undefined {
    const index = this.#types.lastIndexOf(type);
    return index < 0 ? undefined : this.#offsets[index];
  }

  nested(type: number): Attributes | undefined {
    const bytes = this.bytes(type);
    return bytes && Attributes.read(bytes);
  }
}

/** Called for an attribute with where its payload starts and ends. */
export type VisitAttribute = (type: number, start: number, end: number) => void;

/** Visits the attributes between two places of `view` in order, without a copy of any; a malformed tail is left out. */
export function walkAttributes(
  view: DataView,
  start: number,
  end: number,
  visit: VisitAttribute,
): void {
  for (let at = start; hasAttribute(view, at, end); at = nextAttribute(view, at)) {
    visit(attributeType(view, at), at + ATTRIBUTE_HEADER_LENGTH, attributeEnd(view, at));
  }
}

/**
 * Whether a whole attribute is at a place. With the three below it makes the loop of `walkAttributes`, for where a
 * call for each attribute of hundreds of messages costs more than what is done with them.
 */
export function hasAttribute(view: DataView, at: number, end: number): boolean {
  if (at + ATTRIBUTE_HEADER_LENGTH > end) return false;
  const length = view.getUint16(at, true);
  return length >= ATTRIBUTE_HEADER_LENGTH && at + length <= end;
}

/** The type of the attribute at a place. */
export function attributeType(view: DataView, at: number): number {
  return view.getUint16(at + 2, true) & TYPE_MASK;
}

/** Where the payload of the attribute at a place ends. */
export function attributeEnd(view: DataView, at: number): number {
  return at + view.getUint16(at, true);
}

/** Where the attribute behind the one at a place is. */
export function nextAttribute(view: DataView, at: number): number {
  return at + align4(view.getUint16(at, true));
}

function payloadAt(view: DataView, at: number): Uint8Array {
  const length = view.getUint16(at, true) - ATTRIBUTE_HEADER_LENGTH;
  return new Uint8Array(view.buffer, view.byteOffset + at + ATTRIBUTE_HEADER_LENGTH, length);
}
