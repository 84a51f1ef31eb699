import type { LabEvent, LabState, Netweir } from '@netweir/api';

/** How many events are kept of each lab that is watched. */
const EVENTS_KEPT = 50;

/** A lab as the daemon last said it is, and what has happened to it since it is watched. */
export interface LabView {
  readonly state: LabState | undefined;
  /** Why it could not be read the last time. */
  readonly error: unknown;
  /** Newest first. */
  readonly events: readonly LabEvent[];
}

const NOTHING: LabView = { state: undefined, error: undefined, events: [] };

interface Watched {
  readonly listeners: Set<() => void>;
  view: LabView;
  isReading: boolean;
  /** Something has happened since the reading that is under way began. */
  isStale: boolean;
}

/**
 * The states of the labs that somebody looks at. Each is read again when something has happened to it
 * that is not yet in it: one reading at a time, however many events there are.
 */
export class LabStates {
  readonly #netweir: Pick<Netweir, 'lab'>;
  readonly #watched: Map<string, Watched> = new Map();

  constructor(netweir: Pick<Netweir, 'lab'>) {
    this.#netweir = netweir;
  }

  readonly view = (lab: string): LabView => this.#watched.get(lab)?.view ?? NOTHING;

  readonly subscribe = (lab: string, listener: () => void): (() => void) => {
    let watched = this.#watched.get(lab);
    if (!watched) {
      watched = { listeners: new Set(), view: NOTHING, isReading: false, isStale: false };
      this.#watched.set(lab, watched);
      void this.#read(lab, watched);
    }
    const { listeners } = watched;
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#watched.get(lab)?.listeners === listeners) {
        this.#watched.delete(lab);
      }
    };
  };

  /** Takes an event; the lab is read again unless what is here is of later. */
  take(lab: string, event: LabEvent): void {
    const watched = this.#watched.get(lab);
    if (!watched) return;
    const events = [event, ...watched.view.events].slice(0, EVENTS_KEPT);
    show(watched, { ...watched.view, events });
    const { state } = watched.view;
    if (watched.isReading || (state?.sequence ?? 0) < event.sequence) this.refresh(lab);
  }

  /** Reads a lab again, if anybody looks at it. */
  refresh(lab: string): void {
    const watched = this.#watched.get(lab);
    if (!watched) return;
    if (watched.isReading) watched.isStale = true;
    else void this.#read(lab, watched);
  }

  refreshAll(): void {
    for (const lab of this.#watched.keys()) this.refresh(lab);
  }

  async #read(lab: string, watched: Watched): Promise<void> {
    watched.isReading = true;
    do {
      watched.isStale = false;
      try {
        const state = await this.#netweir.lab(lab);
        show(watched, { ...watched.view, state, error: undefined });
      } catch (error) {
        show(watched, { ...watched.view, error });
      }
    } while (watched.isStale && this.#watched.get(lab) === watched);
    watched.isReading = false;
  }
}

function show(watched: Watched, view: LabView): void {
  watched.view = view;
  for (const listener of watched.listeners) listener();
}
