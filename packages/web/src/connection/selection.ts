import type { InterfaceRef } from '@netweir/api';
import { useMemo, useSyncExternalStore } from 'react';

/** The open interface stands in the address, so that it can be linked to: `#netns:client/eth0`. */
export function useSelection(): InterfaceRef | undefined {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  return useMemo(() => parse(hash), [hash]);
}

export function select(ref: InterfaceRef | undefined): void {
  const path = location.pathname + location.search;
  history.replaceState(
    null,
    '',
    ref ? `${path}#${encodeURI(`${ref.space}/${ref.interface}`)}` : path,
  );
  dispatchEvent(new HashChangeEvent('hashchange'));
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}

function parse(hash: string): InterfaceRef | undefined {
  const text = decodeURI(hash.slice(1));
  const slash = text.lastIndexOf('/');
  if (slash <= 0 || text.startsWith('token=')) return undefined;
  return { space: text.slice(0, slash), interface: text.slice(slash + 1) };
}
