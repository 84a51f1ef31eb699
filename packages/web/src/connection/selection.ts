import type { InterfaceRef } from '@netweir/api';
import { useMemo, useSyncExternalStore } from 'react';
import { addressOf, type LabPlace, placeOf } from '../lab/model/place.ts';

/** The open interface stands in the address, so that it can be linked to: `#netns:client/eth0`. */
export function useSelection(): InterfaceRef | undefined {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  return useMemo(() => parse(hash), [hash]);
}

export function select(ref: InterfaceRef | undefined): void {
  go(ref ? `#${encodeURI(`${ref.space}/${ref.interface}`)}` : '');
}

/** The part of the labs that is shown; undefined where the spaces are. */
export function useLabPlace(): LabPlace | undefined {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  return useMemo(() => placeOf(hash), [hash]);
}

export function showLab(place: LabPlace): void {
  go(addressOf(place));
}

function go(hash: string): void {
  history.replaceState(null, '', location.pathname + location.search + hash);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}

function parse(hash: string): InterfaceRef | undefined {
  const text = decodeURI(hash.slice(1));
  const slash = text.lastIndexOf('/');
  if (slash <= 0 || text.startsWith('token=') || placeOf(hash)) return undefined;
  return { space: text.slice(0, slash), interface: text.slice(slash + 1) };
}
