import type { Bindings } from './bindings.ts';

/** What the two directions of one translator have in common. */
export interface Nat64State {
  readonly bindings: Bindings;
  /** The translator's IPv4 address: 4 bytes. */
  readonly pool: Uint8Array;
  /** A number for the next packet that may be fragmented; 16 bits. */
  readonly nextIdentification: () => number;
}

const LARGEST_HOP_LIMIT = 255;

/**
 * The hop limit of what goes on: the kernel takes one off on either side of the translator. As both sides
 * are one router, one is given back.
 */
export function hopLimitAfter(hopLimit: number): number {
  return Math.min(LARGEST_HOP_LIMIT, hopLimit + 1);
}
