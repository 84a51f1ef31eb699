import { Attributes, Writer } from '@netweir/kernel';

/**
 * The attributes of `bytes` in their order, each with what `edit` makes of its payload; one of which it makes
 * nothing is left out.
 */
export function editAttributes(
  bytes: Uint8Array,
  edit: (type: number, payload: Uint8Array) => Uint8Array | undefined,
): Uint8Array {
  const writer = new Writer();
  for (const { type, payload } of Attributes.entries(bytes)) {
    const edited = edit(type, payload);
    if (edited) writer.attributeBytes(type, edited);
  }
  return writer.finish();
}

/** `bytes` with another attribute behind them. */
export function withAttribute(bytes: Uint8Array, type: number, payload: Uint8Array): Uint8Array {
  return new Writer().raw(bytes).attributeBytes(type, payload).finish();
}

/** A copy of `bytes` with other u32s at some offsets; an offset beyond the end is passed over. */
export function withU32s(bytes: Uint8Array, values: ReadonlyMap<number, number>): Uint8Array {
  const copy = bytes.slice();
  const view = viewOf(copy);
  for (const [offset, value] of values) {
    if (offset + 4 <= copy.length) view.setUint32(offset, value, true);
  }
  return copy;
}

/** The u32 at an offset; 0 beyond the end. */
export function u32At(bytes: Uint8Array | undefined, offset = 0): number {
  return bytes && offset + 4 <= bytes.length ? viewOf(bytes).getUint32(offset, true) : 0;
}

export function u32Bytes(value: number): Uint8Array {
  return withU32s(new Uint8Array(4), new Map([[0, value]]));
}

export function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
