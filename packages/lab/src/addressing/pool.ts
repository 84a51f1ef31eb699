import { LabError } from '../errors.ts';
import { Numbers } from './numbers.ts';
import { countOfParts, overlaps, type Prefix, partOf } from './prefix.ts';
import type { Range } from './ranges.ts';

/** A part of a range. */
export interface Part {
  readonly index: number;
  readonly ipv4: Prefix;
  readonly ipv6: Prefix;
}

/** The parts of a range that are free. */
export class Pool {
  readonly #range: Range;
  readonly #numbers: Numbers;

  constructor(range: Range) {
    this.#range = range;
    const { ipv4, ipv6, partLength, firstIndex } = range;
    const count = Math.min(
      countOfParts(ipv4, partLength.ipv4),
      countOfParts(ipv6, partLength.ipv6),
    );
    this.#numbers = new Numbers(firstIndex, count - 1);
  }

  /**
   * A free part that overlaps none of `avoid`.
   * @throws {LabError} ERR_LAB_ADDRESSES_EXHAUSTED
   */
  take(avoid: readonly Prefix[] = []): Part {
    const isFree = (index: number): boolean =>
      !avoid.some((other) => overlaps(other, this.#ipv4(index)));
    const index = this.#numbers.take(isFree);
    if (index === undefined) {
      const { part } = this.#range;
      throw new LabError(
        'ERR_LAB_ADDRESSES_EXHAUSTED',
        `there is no address range for another ${part}`,
      );
    }
    const { ipv6, partLength } = this.#range;
    return { index, ipv4: this.#ipv4(index), ipv6: partOf(ipv6, partLength.ipv6, index) };
  }

  giveBack({ index }: Part): void {
    this.#numbers.giveBack(index);
  }

  #ipv4(index: number): Prefix {
    return partOf(this.#range.ipv4, this.#range.partLength.ipv4, index);
  }
}
