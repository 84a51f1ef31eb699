import type { Space } from './space.ts';

/** What has to be read again of one space: everything, or these interfaces. */
export interface Stale {
  everything: boolean;
  readonly interfaces: Map<number, { readonly qdiscsChanged: boolean }>;
}

/** Beyond this many, and half of all, one dump is cheaper than a question for each. */
const FEW = 8;

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

/** Whether to read the whole of a space that has `known` interfaces. */
export function readsEverything({ everything, interfaces }: Stale, known: number): boolean {
  return everything || (interfaces.size > FEW && interfaces.size * 2 > known);
}
