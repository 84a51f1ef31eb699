/**
 * Things that are asked for all at once and kept by a name, such as networks: asked for again where one
 * is wanted that is not among them, once for all who want one at the same time.
 */
export class Known<T> {
  readonly #load: () => Promise<ReadonlyMap<string, T>>;
  #things: Promise<ReadonlyMap<string, T>> | undefined;

  constructor(load: () => Promise<ReadonlyMap<string, T>>) {
    this.#load = load;
  }

  /** They may have become others under the same names. */
  outdate(): void {
    this.#things = undefined;
  }

  /** Those that are there, among them these, if there are any. Throws what loading throws. */
  async having(names: readonly string[]): Promise<ReadonlyMap<string, T>> {
    if (names.length === 0) return new Map();
    const before = this.#things;
    if (!before) return this.#reload();
    const things = await before;
    if (names.every((name) => things.has(name))) return things;
    return this.#things && this.#things !== before ? this.#things : this.#reload();
  }

  #reload(): Promise<ReadonlyMap<string, T>> {
    const loading = this.#load().catch((error: unknown) => {
      if (this.#things === loading) this.#things = undefined;
      throw error;
    });
    this.#things = loading;
    return loading;
  }
}
