import type { Space } from './space.ts';

/**
 * What has to be read again of one space: everything, or these interfaces. However many they are, to
 * ask for each is better than a dump, which other changes interrupt.
 */
export interface Stale {
  everything: boolean;
  readonly interfaces: Map<number, { readonly qdiscsChanged: boolean }>;
}

/** Collects, between two readings, what has to be read. */
export class Dirty {
  readonly #spaces = new Map<Space, Stale>();

  get size(): number {
    return this.#spaces.size;
  }

  has(space: Space): boolean {
    return this.#spaces.has(space);
  }

  addInterface(space: Space, ifindex: number, what?: { readonly qdiscsChanged: boolean }): void {
    const { interfaces } = this.#of(space);
    const before = interfaces.get(ifindex);
    const qdiscsChanged = what?.qdiscsChanged === true || before?.qdiscsChanged === true;
    interfaces.set(ifindex, { qdiscsChanged });
  }

  addSpace(space: Space): void {
    this.#of(space).everything = true;
  }

  delete(space: Space): void {
    this.#spaces.delete(space);
  }

  entries(): [Space, Stale][] {
    return [...this.#spaces];
  }

  #of(space: Space): Stale {
    let stale = this.#spaces.get(space);
    if (!stale) {
      stale = { everything: false, interfaces: new Map() };
      this.#spaces.set(space, stale);
    }
    return stale;
  }
}
