import { applyLine, type Entry } from './entry.ts';
import type { EntryStore, Transaction } from './journal.ts';

/** A journal that ends with this process: for interfaces that end with it, too. */
export class MemoryJournal implements EntryStore {
  readonly #entries = new Map<number, Entry>();
  #lastId = 0;

  entries(): Entry[] {
    return [...this.#entries.values()];
  }

  transaction<T>(action: (transaction: Transaction) => T): T {
    return action({
      entries: this.#entries,
      write: (line) => applyLine(this.#entries, line),
      nextId: () => ++this.#lastId,
    });
  }
}
