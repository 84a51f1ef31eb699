import type { LabEvent, LabEventKind } from '@netweir/api';

/** To what something happened, and what is so now. */
export interface Happening {
  readonly node?: string;
  readonly interface?: string;
  readonly value?: LabEvent['value'];
}

/** Numbers what happens to one lab, and tells who listens. */
export class EventLog {
  readonly #listeners = new Set<(event: LabEvent) => void>();
  #sequence = 0;

  /** The number of the last event. */
  get sequence(): number {
    return this.#sequence;
  }

  /** `listener` is called with every event from now on, until what is returned is called. */
  subscribe(listener: (event: LabEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(kind: LabEventKind, { node, interface: name, value = null }: Happening = {}): void {
    this.#sequence += 1;
    const event: LabEvent = {
      sequence: this.#sequence,
      at: new Date().toISOString(),
      kind,
      node: node ?? null,
      interface: name ?? null,
      value,
    };
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        // As of any event target: what happened has happened, and the others are told too.
        process.nextTick(() => {
          throw error;
        });
      }
    }
  }
}
