const FIRST_MS = 100;
const LONGEST_MS = 60_000;

/**
 * Namespaces that have lost their names. Those that processes are still in are asked for again, ever
 * more rarely, until they are gone.
 */
export class Departed {
  readonly #settle: (keys: ReadonlySet<string>) => ReadonlySet<string>;
  #keys = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #waitMs = FIRST_MS;

  /** `settle` does what is to be done about those that are gone, and returns the others. */
  constructor(settle: (keys: ReadonlySet<string>) => ReadonlySet<string>) {
    this.#settle = settle;
  }

  /** Settled soon, together with what ends at the same time. */
  add(key: string): void {
    this.#keys.add(key);
    clearTimeout(this.#timer);
    this.#waitMs = FIRST_MS;
    this.#timer = setTimeout(() => this.#try(), 0).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#keys.clear();
  }

  #try(): void {
    this.#keys = new Set(this.#settle(this.#keys));
    if (this.#keys.size === 0) return;
    this.#timer = setTimeout(() => this.#try(), this.#waitMs).unref();
    this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_MS);
  }
}
