/** What runs in a node and has to end with it: programs, Workers, sockets. */
export class Activities {
  readonly #stops = new Set<() => unknown>();

  /** `stop` is called once at the end of the node, unless what is returned was called before. */
  add(stop: () => unknown): () => void {
    this.#stops.add(stop);
    return () => this.#stops.delete(stop);
  }

  /** Activities of one thing, which end with these or before. */
  part(): Activities {
    const part = new Activities();
    part.add(this.add(() => part.stop()));
    return part;
  }

  /** Stops everything and waits for what says when it has ended. */
  async stop(): Promise<void> {
    const stops = [...this.#stops];
    this.#stops.clear();
    await Promise.all(stops.map((stop) => stop()));
  }
}
