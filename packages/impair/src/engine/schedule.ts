/** Something that has a next time to do something, and a place of its own in one schedule. */
export interface Scheduled {
  /** In ns; Infinity for never. The schedule's to set. */
  wakeNs: number;
  /** Where the schedule has it; -1 while it is not there. The schedule's to set. */
  place: number;
}

/** Who of many is next: a binary heap in which each knows its place, so that a change of time is O(log n). */
export class Schedule<T extends Scheduled> {
  readonly #heap: T[] = [];

  /** Whose time is the earliest; undefined while nobody has one. */
  get first(): T | undefined {
    return this.#heap[0];
  }

  /** The earliest time; Infinity while there is none. */
  get wakeNs(): number {
    return this.#heap.length === 0 ? Infinity : (this.#heap[0] as T).wakeNs;
  }

  /** Gives one the time when it is to be next. */
  set(one: T, wakeNs: number): void {
    if (wakeNs === one.wakeNs) return;
    const isEarlier = wakeNs < one.wakeNs;
    one.wakeNs = wakeNs;
    if (wakeNs === Infinity) this.#remove(one);
    else if (one.place < 0) this.#rise(one, this.#heap.length);
    else if (isEarlier) this.#rise(one, one.place);
    else this.#sink(one, one.place);
  }

  #remove(one: T): void {
    const { place } = one;
    const last = this.#heap.pop();
    one.place = -1;
    if (last === undefined || last === one) return;
    this.#rise(last, place);
    this.#sink(last, last.place);
  }

  /** Puts one where those above it are no later, from a place whose content is elsewhere. */
  #rise(one: T, from: number): void {
    const heap = this.#heap;
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = heap[above] as T;
      if (other.wakeNs <= one.wakeNs) break;
      this.#put(other, place);
      place = above;
    }
    this.#put(one, place);
  }

  /** Puts one where those below it are no earlier. */
  #sink(one: T, from: number): void {
    const heap = this.#heap;
    let place = from;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= heap.length) break;
      const right = heap[below + 1];
      if (right !== undefined && right.wakeNs < (heap[below] as T).wakeNs) below += 1;
      const other = heap[below] as T;
      if (other.wakeNs >= one.wakeNs) break;
      this.#put(other, place);
      place = below;
    }
    this.#put(one, place);
  }

  #put(one: T, place: number): void {
    this.#heap[place] = one;
    one.place = place;
  }
}
