import type { Counters } from '@netweir/api';

/** How many samples a series keeps: a minute at one a second. */
export const RATE_HISTORY = 60;

/** The last rates of one interface, oldest first, and the counters that they come from. */
export interface Rates {
  readonly counters: Counters | undefined;
  readonly atMs: readonly number[];
  readonly rxBitPerSec: readonly number[];
  readonly txBitPerSec: readonly number[];
}

export const NO_RATES: Rates = { counters: undefined, atMs: [], rxBitPerSec: [], txBitPerSec: [] };

/** How many usual intervals without news mean that nothing flows. */
const QUIET_AFTER = 3;
const FIRST_INTERVAL_MS = 1000;

/** A ring of rates from successive counters. */
export class RateSeries {
  readonly #atMs: Float64Array = new Float64Array(RATE_HISTORY);
  readonly #rx: Float64Array = new Float64Array(RATE_HISTORY);
  readonly #tx: Float64Array = new Float64Array(RATE_HISTORY);
  #pushed = 0;
  #last: Counters | undefined;
  #intervalMs = FIRST_INTERVAL_MS;
  #view: Rates | undefined;

  /** Takes the next reading; one that is not later, or that starts anew, gives no rate. */
  record(counters: Counters): void {
    const last = this.#last;
    if (last && counters.atMs <= last.atMs) return;
    this.#last = counters;
    this.#view = undefined;
    if (!last) return;
    const elapsedMs = counters.atMs - last.atMs;
    this.#intervalMs = elapsedMs;
    const rxBytes = counters.rxBytes - last.rxBytes;
    const txBytes = counters.txBytes - last.txBytes;
    if (rxBytes < 0 || txBytes < 0) return;
    this.#push(counters.atMs, (rxBytes * 8000) / elapsedMs, (txBytes * 8000) / elapsedMs);
  }

  /** Notes that nothing flowed, where the interface has been silent for longer than usual. */
  settle(nowMs: number): boolean {
    const last = this.#last;
    if (!last || nowMs - last.atMs <= QUIET_AFTER * this.#intervalMs) return false;
    this.#last = { ...last, atMs: nowMs };
    this.#push(nowMs, 0, 0);
    return true;
  }

  /** What there is; the same object until the next sample. */
  view(): Rates {
    this.#view ??= {
      counters: this.#last,
      atMs: this.#inOrder(this.#atMs),
      rxBitPerSec: this.#inOrder(this.#rx),
      txBitPerSec: this.#inOrder(this.#tx),
    };
    return this.#view;
  }

  #push(atMs: number, rx: number, tx: number): void {
    const at = this.#pushed % RATE_HISTORY;
    this.#atMs[at] = atMs;
    this.#rx[at] = rx;
    this.#tx[at] = tx;
    this.#pushed++;
    this.#view = undefined;
  }

  #inOrder(ring: Float64Array): number[] {
    if (this.#pushed <= RATE_HISTORY) return [...ring.subarray(0, this.#pushed)];
    const oldest = this.#pushed % RATE_HISTORY;
    return [...ring.subarray(oldest), ...ring.subarray(0, oldest)];
  }
}
