import { decodeQdiscOptions, type QdiscOptions } from './qdisc-options.ts';
import { bytesAt } from './struct-reader.ts';

/** What TCA_OPTIONS of a qdisc holds. */
export interface DecodedOptions {
  readonly options: QdiscOptions | undefined;
  readonly rawOptions: Uint8Array;
}

/** More than are different among the qdiscs of any few interfaces. */
const MAX_KEPT = 2048;
/** More than the options of any qdisc have that an interface may have hundreds of. */
const MAX_KEPT_BYTES = 512;

/** IFNAMSIZ, which no kernel's name of a qdisc exceeds. */
const MAX_KIND_LENGTH = 16;

/** By the kind and the bytes. */
const known = new Map<string, DecodedOptions>();
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
  const isKept = end - start <= MAX_KEPT_BYTES && kind.length < MAX_KIND_LENGTH;
  if (!isKept) return decode(kind, view, start, end);
  const key = `${kind}\0${textOf(view, start, end)}`;
  const found = known.get(key);
  if (found) return found;
  const decoded = decode(kind, view, start, end);
  if (known.size >= MAX_KEPT) known.clear();
  known.set(key, decoded);
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
