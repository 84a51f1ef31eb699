/**
 * Hands out the numbers from `first` to `last`, upwards, and one that was given back only when those
 * behind it are used up: what still believes in its former owner has time to forget.
 */
export class Numbers {
  readonly #first: number;
  readonly #last: number;
  readonly #taken = new Set<number>();
  #next: number;

  constructor(first: number, last: number) {
    this.#first = first;
    this.#last = last;
    this.#next = first;
  }

  /** Undefined where none is free, or none that `suits`. */
  take(suits: (number: number) => boolean = () => true): number | undefined {
    const count = this.#last - this.#first + 1;
    for (let tried = 0; tried < count; tried++) {
      const number = this.#next;
      this.#next = number === this.#last ? this.#first : number + 1;
      if (this.#taken.has(number) || !suits(number)) continue;
      this.#taken.add(number);
      return number;
    }
    return undefined;
  }

  /** Takes a certain number; false where it is taken, or is below all that can be. */
  claim(number: number): boolean {
    if (number < this.#first || this.#taken.has(number)) return false;
    this.#taken.add(number);
    return true;
  }

  giveBack(number: number): void {
    this.#taken.delete(number);
  }
}
