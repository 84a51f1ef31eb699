/** What runs in a node and has to end with it: programs, Workers, sockets. */
export class Activities {
  /** Why what still goes on at the end fails. */
  readonly reason: () => Error;
  readonly #stops = new Set<() => unknown>();
  #ended = false;

  constructor(reason: () => Error) {
    this.reason = reason;
  }

  /** @throws `reason` after the end */
  check(): void {
    if (this.#ended) throw this.reason();
  }

  /**
   * `stop` is called once at the end of the node, unless what is returned was called before; at once if it
   * has ended already, as for a connection that comes in at the last moment.
   */
  add(stop: () => unknown): () => void {
    if (this.#ended) stop();
    else this.#stops.add(stop);
    return () => this.#stops.delete(stop);
  }

  /** Activities of one thing, which end with these or before. */
  part(): Activities {
    const part = new Activities(this.reason);
    part.add(this.add(() => part.stop()));
    return part;
  }

  /** Stops everything, and waits for what says when it has ended. @throws what the first fails with */
  async stop(): Promise<void> {
    this.#ended = true;
    const stops = [...this.#stops];
    this.#stops.clear();
    const results = await Promise.allSettled(stops.map(async (stop) => await stop()));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }
}
