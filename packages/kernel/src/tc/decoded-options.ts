import { decodeQdiscOptions, type QdiscOptions } from './qdisc-options.ts';
import { bytesAt } from './struct-reader.ts';

/** What TCA_OPTIONS of a qdisc holds. */
export interface DecodedOptions {
  readonly options: QdiscOptions | undefined;
  readonly rawOptions: Uint8Array;
}

/** More than the qdiscs of any few interfaces. */
const MAX_KEPT = 4096;
/** Distribution tables and the like, which no dump has. */
const MAX_KEPT_BYTES = 1024;

const known = new Map<string, Map<string, DecodedOptions>>();
const bytesOf = new WeakMap<ArrayBufferLike, Buffer>();

/**
 * The options of a kind of qdisc that are between two places of `view`. What the same bytes were decoded to before
 * is given again, as one object: most qdiscs of a dump are as they were in the one before.
 */
export function decodedOptions(
  kind: string,
  view: DataView,
  start: number,
  end: number,
): DecodedOptions {
  if (end - start > MAX_KEPT_BYTES) return decode(kind, view, start, end);
  const ofKind = known.get(kind) ?? new Map<string, DecodedOptions>();
  const text = textOf(view, start, end);
  const found = ofKind.get(text);
  if (found) return found;
  const decoded = decode(kind, view, start, end);
  if (ofKind.size >= MAX_KEPT) ofKind.clear();
  known.set(kind, ofKind.set(text, decoded));
  return decoded;
}

function decode(kind: string, view: DataView, start: number, end: number): DecodedOptions {
  const rawOptions = bytesAt(view, start, end).slice();
  return { options: decodeQdiscOptions(kind, rawOptions), rawOptions };
}

/** One character for each byte: quicker to look up than anything else that holds all of them. */
function textOf({ buffer, byteOffset }: DataView, start: number, end: number): string {
  let bytes = bytesOf.get(buffer);
  if (!bytes) {
    bytes = Buffer.from(buffer);
    bytesOf.set(buffer, bytes);
  }
  return bytes.toString('latin1', byteOffset + start, byteOffset + end);
}
