import { requireInteger, U32_MAX } from './range.ts';

/**
 * The packet scheduler's clock tick. /proc/net/psched has shown 64 ns on every kernel since 2.6.31
 * (PSCHED_SHIFT in net/pkt_sched.h).
 */
const TICK_NS = 64;
const NS_PER_SECOND = 1_000_000_000n;

/** Whole ticks in a time, rounded down as PSCHED_NS2TICKS does, at most what a u32 holds. */
export function nsToTicks(ns: number): number {
  return Math.min(Math.floor(ns / TICK_NS), U32_MAX);
}

export function ticksToNs(ticks: number): number {
  return ticks * TICK_NS;
}

/**
 * A probability as the kernel's u32 of 2^32-1 parts, from a fraction 0 to 1: nearest, halves up.
 * Throws RangeError outside 0 to 1.
 */
export function fractionToProbability(fraction: number): number {
  if (!(fraction >= 0 && fraction <= 1)) {
    throw new RangeError(`a probability must be from 0 to 1, not ${fraction}`);
  }
  return Math.round(fraction * U32_MAX);
}

/** The fraction 0 to 1 of a u32 probability: the double nearest to it. */
export function probabilityToFraction(probability: number): number {
  return probability / U32_MAX;
}

/**
 * The time that `bytes` take at a rate, in ticks, rounded down and limited to a u32: what the
 * `buffer` fields of tbf and htb hold. The rate must be above zero. Throws RangeError.
 */
export function burstToTicks(bytes: number, bytesPerSecond: number): number {
  requireInteger('burst', bytes, 0, U32_MAX);
  requireInteger('rate', bytesPerSecond, 1, Number.MAX_SAFE_INTEGER);
  const ticks = (BigInt(bytes) * NS_PER_SECOND) / (BigInt(bytesPerSecond) * BigInt(TICK_NS));
  return ticks > BigInt(U32_MAX) ? U32_MAX : Number(ticks);
}

/**
 * The bytes of a burst given in ticks at a rate, rounded up: this undoes the rounding of
 * {@link burstToTicks} exactly up to 15,625,000 bytes/s, where a tick is worth one byte.
 */
export function ticksToBurst(ticks: number, bytesPerSecond: number): number {
  const product = BigInt(ticks) * BigInt(TICK_NS) * BigInt(bytesPerSecond);
  return Number((product + NS_PER_SECOND - 1n) / NS_PER_SECOND);
}
