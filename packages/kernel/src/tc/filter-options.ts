import type { Writer } from '../netlink/writer.ts';
import { decodeFlower, type Flower, writeFlower } from './flower.ts';
import { decodeMatchall, type Matchall, writeMatchall } from './matchall.ts';
import type { RawOptions } from './qdisc-options.ts';
import { decodeU32, type U32, writeU32 } from './u32.ts';

/** The options of the filter kinds that are understood. */
export type FilterOptions = Flower | U32 | Matchall;

/** Writes the TCA_OPTIONS payload. Throws RangeError. */
export function writeFilterOptions(writer: Writer, options: FilterOptions | RawOptions): void {
  if ('rawOptions' in options) {
    if (options.rawOptions) writer.raw(options.rawOptions);
    return;
  }
  switch (options.kind) {
    case 'flower':
      writeFlower(writer, options);
      break;
    case 'u32':
      writeU32(writer, options);
      break;
    case 'matchall':
      writeMatchall(writer, options);
      break;
  }
}

const decoders = new Map<string, (bytes: Uint8Array) => FilterOptions | undefined>([
  ['flower', decodeFlower],
  ['u32', decodeU32],
  ['matchall', decodeMatchall],
]);

/** Undefined for a kind that is not understood, and for a filter that its kind's options cannot express. */
export function decodeFilterOptions(
  kind: string,
  bytes: Uint8Array | undefined,
): FilterOptions | undefined {
  return bytes && decoders.get(kind)?.(bytes);
}
