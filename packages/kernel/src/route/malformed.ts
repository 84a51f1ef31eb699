/**
 * Runs a decoder over bytes from outside; gives undefined, "a message to pass over", where a
 * structure or attribute is shorter than the kernel's ABI makes it. One such message must not end
 * a stream of events. Everything else that a decoder throws is a fault of ours and goes on.
 */
export function unlessMalformed<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
