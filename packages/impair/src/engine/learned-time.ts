export interface LearnedTimeOptions {
  readonly startNs: number;
  /** What it grows by where more was measured. */
  readonly upNs: number;
  /** What it shrinks by where less was measured. */
  readonly downNs: number;
  readonly maxNs: number;
}

/**
 * A time in ns that follows what is measured, in small steps: it settles where steps up and
 * down are in balance, that is at the quantile upNs / (upNs + downNs), whatever single measurements are.
 */
export class LearnedTime {
  ns: number;
  readonly #upNs: number;
  readonly #downNs: number;
  readonly #maxNs: number;

  constructor({ startNs, upNs, downNs, maxNs }: LearnedTimeOptions) {
    this.ns = startNs;
    this.#upNs = upNs;
    this.#downNs = downNs;
    this.#maxNs = maxNs;
  }

  learn(measuredNs: number): void {
    const ns = measuredNs > this.ns ? this.ns + this.#upNs : this.ns - this.#downNs;
    this.ns = Math.max(0, Math.min(this.#maxNs, ns));
  }
}
