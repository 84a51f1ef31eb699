export const U16_MAX = 0xffff;
export const U32_MAX = 0xffff_ffff;
export const S32_MAX = 0x7fff_ffff;

/**
 * The value itself where it is an integer from `min` to `max`; otherwise throws RangeError. Without
 * it a value too large for its field would reach the kernel as a different one.
 */
export function requireInteger(name: string, value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} must be an integer from ${min} to ${max}, not ${value}`);
  }
  return value;
}

/** As `requireInteger`, in one comparison: `>>> 0` leaves a u32, and nothing else, as it is. */
export function requireU32(name: string, value: number): number {
  return value >>> 0 === value ? value : requireInteger(name, value, 0, U32_MAX);
}
