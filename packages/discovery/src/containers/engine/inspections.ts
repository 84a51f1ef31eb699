/** At once; the others wait. */
const MAX_ORDINARY = 8;
/** What has just happened does not wait for what is read anyway, nor for containers whose engine hangs. */
const MAX_URGENT = 16;

/**
 * Has containers read, a few at a time and each once: one that is to be read while it is being read is
 * read again afterwards.
 */
export class Inspections {
  readonly #inspect: (id: string, urgent: boolean) => Promise<void>;
  readonly #waiting = new Map<string, boolean>();
  readonly #running = new Set<string>();
  #idle: (() => void) | undefined;

  /** `inspect` does not throw. */
  constructor(inspect: (id: string, urgent: boolean) => Promise<void>) {
    this.#inspect = inspect;
  }

  add(id: string, { urgent = false }: { readonly urgent?: boolean } = {}): void {
    this.#waiting.set(id, urgent || this.#waiting.get(id) === true);
    this.#next();
  }

  /** Ends when nothing is left to read. Only one may wait for it. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle = resolve;
      this.#next();
    });
  }

  #next(): void {
    for (const urgent of [true, false]) {
      for (const [id, isUrgent] of this.#waiting) {
        if (isUrgent !== urgent || this.#running.has(id)) continue;
        if (this.#running.size >= (urgent ? MAX_URGENT : MAX_ORDINARY)) break;
        void this.#run(id, urgent);
      }
    }
    if (this.#waiting.size > 0 || this.#running.size > 0) return;
    this.#idle?.();
    this.#idle = undefined;
  }

  async #run(id: string, urgent: boolean): Promise<void> {
    this.#waiting.delete(id);
    this.#running.add(id);
    await this.#inspect(id, urgent);
    this.#running.delete(id);
    this.#next();
  }
}
