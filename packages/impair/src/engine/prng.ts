const TWO_32 = 0x1_0000_0000;
const TWO_16 = 0x1_0000;
const WARM_UP_ROUNDS = 16;

/**
 * A deterministic generator of 32-bit numbers, seeded by 64 bits (Chris Doty-Humphrey's sfc32). It
 * takes the place of prandom_u32_state of lib/random32.c, whose period it exceeds.
 */
export class Prng {
  // Kept as signed 32-bit integers: these V8 holds without allocating.
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 0;

  constructor(seed: bigint) {
    this.seed(seed);
  }

  /** Starts the sequence that belongs to the low 64 bits of `seed`. */
  seed(seed: bigint): void {
    this.#a = 0;
    this.#b = Number(BigInt.asIntN(32, seed));
    this.#c = Number(BigInt.asIntN(32, seed >> 32n));
    this.#counter = 1;
    for (let round = 0; round < WARM_UP_ROUNDS; round++) this.next();
  }

  /** The next number, evenly distributed over 0 to 2^32 - 1. */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A number from 0 to `bound - 1`, as get_random_u32_below; `bound` is from 1 to 2^32. */
  below(bound: number): number {
    return Math.floor((this.next() * bound) / TWO_32);
  }
}

/**
 * Numbers of which each resembles the one before (net/sched/sch_netem.c, get_crandom): the weighted
 * mean of a fresh number and the last result, in exact 64-bit arithmetic. They share one `Prng`.
 */
export class CorrelatedRandom {
  readonly #prng: Prng;
  readonly #rho: number;
  #last: number;

  /** `rho` is the correlation in the kernel's scale: 0 is none, 0xffffffff repeats for ever. */
  constructor(prng: Prng, rho: number) {
    this.#prng = prng;
    this.#rho = rho;
    this.#last = rho === 0 ? 0 : prng.next();
  }

  /** The next number, from 0 to 2^32 - 1. */
  next(): number {
    if (this.#rho === 0) return this.#prng.next();
    this.#last = blend(this.#prng.next(), this.#last, this.#rho + 1);
    return this.#last;
  }
}

/**
 * `(value * (2^32 - weight) + last * weight) >> 32` of unsigned 64-bit integers, with `weight` from
 * 1 to 2^32. Written as value + floor(weight * (last - value) / 2^32), with the weight in halves
 * so that no product exceeds 2^49.
 */
export function blend(value: number, last: number, weight: number): number {
  const difference = last - value;
  const high = Math.floor(weight / TWO_16);
  const low = weight % TWO_16;
  return value + Math.floor((high * difference + Math.floor((low * difference) / TWO_16)) / TWO_16);
}
