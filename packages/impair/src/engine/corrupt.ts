import type { ExactCorrelated } from '@netweir/api';
import { Chance } from './loss.ts';
import type { Prng } from './prng.ts';

const BITS_PER_BYTE = 8;

/**
 * Damages packets by one bit (net/sched/sch_netem.c, netem_enqueue): evenly drawn from the whole frame,
 * its Ethernet header included.
 */
export class Corruption {
  readonly #chance: Chance;
  readonly #prng: Prng;

  constructor(corrupt: ExactCorrelated | undefined, prng: Prng) {
    this.#chance = new Chance(corrupt?.probability ?? 0, corrupt?.correlation ?? 0, prng);
    this.#prng = prng;
  }

  happens(): boolean {
    return this.#chance.happens();
  }

  /** A bit in a packet of so many bytes: 8 times the byte plus the place in it. */
  drawBit(lengthBytes: number): number {
    const byte = this.#prng.below(lengthBytes);
    return byte * BITS_PER_BYTE + this.#prng.below(BITS_PER_BYTE);
  }
}

/**
 * Inverts a bit of the frame at `offset`. A checksum that was left to the device is to be completed
 * first (`completeChecksum`): else the device would make the damage right.
 */
export function invertBit(bytes: Uint8Array, offset: number, bit: number): void {
  const at = offset + Math.floor(bit / BITS_PER_BYTE);
  bytes[at] = (bytes[at] as number) ^ (1 << (bit % BITS_PER_BYTE));
}
