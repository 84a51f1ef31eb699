import type { Counters } from '@netweir/api';
import { NO_RATES, RateSeries, type Rates } from './rates.ts';

/** The rates of every interface; each is watched alone, so that a sample redraws one row. */
export class RateBook {
  readonly #series: Map<string, RateSeries> = new Map();
  readonly #listeners: Map<string, Set<() => void>> = new Map();

  record(space: string, ifindex: number, counters: Counters): void {
    const key = keyOf(space, ifindex);
    let series = this.#series.get(key);
    if (!series) {
      series = new RateSeries();
      this.#series.set(key, series);
    }
    series.record(counters);
    this.#notify(key);
  }

  /** The daemon need not repeat counters that stand still: those interfaces drop to zero. */
  settle(nowMs: number): void {
    for (const [key, series] of this.#series) if (series.settle(nowMs)) this.#notify(key);
  }

  /** Forgets the interfaces that are not among these. */
  prune(present: ReadonlySet<string>): void {
    for (const key of this.#series.keys()) if (!present.has(key)) this.#series.delete(key);
  }

  view(key: string): Rates {
    return this.#series.get(key)?.view() ?? NO_RATES;
  }

  subscribe(key: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(key);
    };
  }

  #notify(key: string): void {
    for (const listener of this.#listeners.get(key) ?? []) listener();
  }
}

/** An interface is known by its number: a name can be given to another. */
export function keyOf(space: string, ifindex: number): string {
  return `${space}#${ifindex}`;
}
