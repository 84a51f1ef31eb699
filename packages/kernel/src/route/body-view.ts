/**
 * A view of exactly a message's bytes: reading past their end throws RangeError, where a view of a
 * structure's length would go on into whatever lies behind them in the same buffer.
 */
export function bodyView(body: Uint8Array): DataView {
  return new DataView(body.buffer, body.byteOffset, body.byteLength);
}
