import {
  applyChange,
  type Change,
  type EventMessage,
  type Interface,
  type Inventory,
  isNetweirError,
  type Netweir,
  NetweirError,
  type Space,
} from '@netweir/api';
import { nodeOfSpace } from '../lab/model/place.ts';
import { LabStates } from './lab-states.ts';
import { keyOf, RateBook } from './rate-book.ts';

/** How the page stands to the daemon. */
export type Connection =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  | { readonly state: 'lost'; readonly error: NetweirError; readonly retryAtMs: number }
  | { readonly state: 'refused'; readonly error: NetweirError };

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;

/**
 * The inventory outside React, fed by the daemon's events. Counters go to `rates` only, so that
 * they redraw one row and not the list. After a loss it connects again with a growing delay.
 */
export class InventoryStore {
  readonly rates: RateBook = new RateBook();
  readonly labs: LabStates;
  readonly #netweir: Netweir;
  readonly #listeners: Set<() => void> = new Set();
  #inventory: Inventory | undefined;
  #connection: Connection = { state: 'connecting' };
  #close: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #retryMs = FIRST_RETRY_MS;
  #attempt = 0;

  constructor(netweir: Netweir) {
    this.#netweir = netweir;
    this.labs = new LabStates(netweir);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly inventory = (): Inventory | undefined => this.#inventory;
  readonly connection = (): Connection => this.#connection;

  /** Connects, or connects at once where it was waiting; a connection that stands is replaced. */
  readonly connect = (): void => {
    this.close();
    const attempt = this.#attempt;
    this.#netweir
      .watch(
        (message) => attempt === this.#attempt && this.#take(message),
        (error) => attempt === this.#attempt && this.#lose(error),
      )
      .then(
        (close) => {
          if (attempt === this.#attempt) this.#close = close;
          else close();
        },
        (error: unknown) => attempt === this.#attempt && this.#lose(error),
      );
  };

  readonly close = (): void => {
    this.#attempt++;
    clearTimeout(this.#timer);
    this.#close?.();
    this.#close = undefined;
  };

  #take(message: EventMessage): void {
    if (message.type === 'snapshot') {
      this.#inventory = message.inventory;
      this.#recordAll(message.inventory);
      this.#retryMs = FIRST_RETRY_MS;
      this.#connection = { state: 'live' };
      this.labs.refreshAll();
    } else {
      this.#takeChanges(message.changes);
    }
    this.#notify();
  }

  #takeChanges(changes: readonly Change[]): void {
    let latestMs = 0;
    for (const change of changes) {
      if (change.type === 'counters') {
        this.rates.record(change.space, change.ifindex, change.counters);
        latestMs = Math.max(latestMs, change.counters.atMs);
        continue;
      }
      if (change.type === 'space') this.#recordSpace(change.space);
      if (change.type === 'interface') this.#recordInterface(change.space, change.interface);
      if (change.type === 'lab-event') this.labs.take(change.name, change.event);
      else if (this.#inventory) this.#inventory = applyChange(this.#inventory, change);
    }
    this.#refreshLabs(changes);
    this.rates.settle(latestMs);
  }

  /** What is set on a node's interfaces by others than the lab is no event of the lab. */
  #refreshLabs(changes: readonly Change[]): void {
    const labs = new Set<string>();
    for (const change of changes) {
      if (change.type !== 'interface') continue;
      const lab = nodeOfSpace(change.space)?.lab;
      if (lab !== undefined) labs.add(lab);
    }
    for (const lab of labs) this.labs.refresh(lab);
  }

  #recordAll(inventory: Inventory): void {
    const present = new Set<string>();
    for (const space of inventory.spaces) {
      for (const { ifindex } of space.interfaces) present.add(keyOf(space.id, ifindex));
      this.#recordSpace(space);
    }
    this.rates.prune(present);
  }

  #recordSpace(space: Space): void {
    for (const one of space.interfaces) this.#recordInterface(space.id, one);
  }

  #recordInterface(space: string, { ifindex, counters }: Interface): void {
    this.rates.record(space, ifindex, counters);
  }

  /** A WebSocket does not say why it was refused; a plain request does. */
  #lose(cause: unknown): void {
    this.close();
    const attempt = this.#attempt;
    this.#netweir.capabilities().then(
      () => attempt === this.#attempt && this.#retryLater(unreachable(cause)),
      (error: unknown) => {
        if (attempt !== this.#attempt) return;
        if (isNetweirError(error) && ['unauthorized', 'forbidden-host'].includes(error.code)) {
          this.#connection = { state: 'refused', error };
          this.#notify();
        } else this.#retryLater(unreachable(error));
      },
    );
  }

  #retryLater(error: NetweirError): void {
    this.#connection = { state: 'lost', error, retryAtMs: Date.now() + this.#retryMs };
    this.#timer = setTimeout(this.connect, this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
    this.#notify();
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

function unreachable(cause: unknown): NetweirError {
  if (isNetweirError(cause)) return cause;
  return new NetweirError('daemon-unreachable', 'the connection to the daemon ended', {
    cause,
    remedy: 'See whether `netweir up` still runs on that host.',
  });
}
