import type { Change, EventMessage, Inventory } from '@netweir/api';

type Watcher = (changes: Change[]) => void;

/** Those who are told of changes, each in messages that are numbered for it. */
export class Watchers {
  readonly #watchers = new Set<Watcher>();
  readonly #poll: () => () => void;
  #stopPolling: (() => void) | undefined;

  /** `poll` is held for as long as somebody watches. */
  constructor(poll: () => () => void) {
    this.#poll = poll;
  }

  get isEmpty(): boolean {
    return this.#watchers.size === 0;
  }

  /** Tells a snapshot, then changes, until the returned function is called. */
  async add(
    onMessage: (message: EventMessage) => void,
    snapshot: () => Promise<Inventory>,
  ): Promise<() => void> {
    let sequence = 0;
    onMessage({ type: 'snapshot', sequence: sequence++, inventory: await snapshot() });
    const watcher: Watcher = (changes) =>
      onMessage({ type: 'changes', sequence: sequence++, changes });
    this.#watchers.add(watcher);
    this.#stopPolling ??= this.#poll();
    return () => {
      this.#watchers.delete(watcher);
      if (this.isEmpty) this.clear();
    };
  }

  tell(changes: Change[]): void {
    for (const watcher of this.#watchers) watcher(changes);
  }

  clear(): void {
    this.#watchers.clear();
    this.#stopPolling?.();
    this.#stopPolling = undefined;
  }
}
