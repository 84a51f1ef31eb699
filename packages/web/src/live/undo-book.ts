import type { InterfaceRef } from '@netweir/api';
import type { Former } from '../form/former.ts';
import { refKey } from './choice.ts';

/** What each interface did before its last change from this page, for as long as the page is open. */
export class UndoBook {
  readonly #formers: Map<string, Former> = new Map();
  readonly #listeners: Set<() => void> = new Set();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  of(ref: InterfaceRef): Former | undefined {
    return this.#formers.get(refKey(ref));
  }

  remember(ref: InterfaceRef, former: Former): void {
    this.#formers.set(refKey(ref), former);
    for (const listener of this.#listeners) listener();
  }
}
