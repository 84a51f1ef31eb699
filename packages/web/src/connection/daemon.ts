import { createClient, type Inventory, type Netweir } from '@netweir/api';
import { useCallback, useSyncExternalStore } from 'react';
import { type Connection, InventoryStore } from '../live/inventory-store.ts';
import type { LabView } from '../live/lab-states.ts';
import { keyOf } from '../live/rate-book.ts';
import type { Rates } from '../live/rates.ts';
import { takeToken } from './token.ts';
import { browserTransport } from './transport.ts';

const token = takeToken();

/** Whether this page has been given any token. */
export const hasToken: boolean = token !== undefined;

/** The daemon that served the page. */
export const daemon: Netweir = createClient(browserTransport(token));

export const store: InventoryStore = new InventoryStore(daemon);

export function useInventory(): Inventory | undefined {
  return useSyncExternalStore(store.subscribe, store.inventory);
}

export function useConnection(): Connection {
  return useSyncExternalStore(store.subscribe, store.connection);
}

/** The rates of one interface; a sample of another redraws nothing here. */
export function useRates(space: string, ifindex: number): Rates {
  const key = keyOf(space, ifindex);
  return useSyncExternalStore(
    useCallback((listener: () => void) => store.rates.subscribe(key, listener), [key]),
    () => store.rates.view(key),
  );
}

/** A lab as it is, read again whenever something happens to it. */
export function useLab(name: string): LabView {
  return useSyncExternalStore(
    useCallback((listener: () => void) => store.labs.subscribe(name, listener), [name]),
    () => store.labs.view(name),
  );
}
