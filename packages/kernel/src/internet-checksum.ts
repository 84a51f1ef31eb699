/** The transport's "no checksum", for which a sum of 0 is not to be taken (CSUM_MANGLED_0). */
const MANGLED_ZERO = 0xffff;

/**
 * The ones' complement sum of the bytes in 16-bit big-endian words, on top of `initial`, not folded
 * (RFC 1071). An odd last byte counts as the high half of a word.
 */
export function sumWords(bytes: Uint8Array, from: number, to: number, initial: number): number {
  let sum = initial;
  let at = from;
  for (const end = to - 7; at < end; at += 8) {
    sum +=
      (((bytes[at] as number) + (bytes[at + 2] as number)) << 8) +
      (((bytes[at + 4] as number) + (bytes[at + 6] as number)) << 8) +
      (bytes[at + 1] as number) +
      (bytes[at + 3] as number) +
      (bytes[at + 5] as number) +
      (bytes[at + 7] as number);
  }
  for (const end = to - 1; at < end; at += 2) {
    sum += ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  }
  return at < to ? sum + ((bytes[at] as number) << 8) : sum;
}

/** The checksum of a sum of at most 2^48: carries folded, complemented. */
export function foldChecksum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded % 0x1_0000) + Math.floor(folded / 0x1_0000);
  return ~folded & 0xffff;
}

/** Writes 16 bits in network order. */
export function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

/** Reads 16 bits in network order. */
export function readU16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

/** Writes a TCP or UDP checksum, of which 0 would mean none. */
export function writeTransportChecksum(bytes: Uint8Array, at: number, checksum: number): void {
  writeU16(bytes, at, checksum === 0 ? MANGLED_ZERO : checksum);
}

/**
 * Completes a checksum that was left to the device (net/core/dev.c, skb_checksum_help): sums the
 * frame from `csumStart` on, with what its sender has put into the checksum's field already, and stores
 * the complement there. `csumStart` counts from the frame's start, `csumOffset` from `csumStart`.
 * False, with the frame as it was, where they point outside the frame.
 */
export function completeChecksum(
  bytes: Uint8Array,
  offset: number,
  length: number,
  csumStart: number,
  csumOffset: number,
): boolean {
  const end = offset + length;
  const start = offset + csumStart;
  const field = start + csumOffset;
  if (field + 2 > end || end > bytes.length) return false;
  writeTransportChecksum(bytes, field, foldChecksum(sumWords(bytes, start, end, 0)));
  return true;
}
