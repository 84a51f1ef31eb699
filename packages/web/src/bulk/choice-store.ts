import type { InterfaceRef } from '@netweir/api';
import { useSyncExternalStore } from 'react';
import { type Chosen, NOTHING_CHOSEN, refKey, tally, withChosen } from '../live/choice.ts';

/** Outside React, so that a tick redraws the boxes that it changes and not the list. */
interface State {
  /** Undefined while nobody chooses: then no boxes are shown. */
  readonly chosen: Chosen | undefined;
  readonly isPanelOpen: boolean;
}

const AT_REST: State = { chosen: undefined, isPanelOpen: false };

let state = AT_REST;
const listeners = new Set<() => void>();

function become(next: State): void {
  state = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function startChoosing(): void {
  become({ ...AT_REST, chosen: NOTHING_CHOSEN });
}

export function stopChoosing(): void {
  become(AT_REST);
}

export function choose(refs: readonly InterfaceRef[], isChosen: boolean): void {
  become({ ...state, chosen: withChosen(state.chosen ?? NOTHING_CHOSEN, refs, isChosen) });
}

export function setPanelOpen(isPanelOpen: boolean): void {
  become({ ...state, isPanelOpen });
}

export function useIsPanelOpen(): boolean {
  return useSyncExternalStore(subscribe, () => state.isPanelOpen);
}

/** What is chosen; undefined while nobody chooses. */
export function useChosen(): Chosen | undefined {
  return useSyncExternalStore(subscribe, () => state.chosen);
}

export function useIsChoosing(): boolean {
  return useSyncExternalStore(subscribe, () => state.chosen !== undefined);
}

export function useIsChosen(ref: InterfaceRef): boolean {
  return useSyncExternalStore(subscribe, () => state.chosen?.has(refKey(ref)) ?? false);
}

export function useTally(refs: readonly InterfaceRef[]): 'none' | 'some' | 'all' {
  return useSyncExternalStore(subscribe, () => tally(state.chosen ?? NOTHING_CHOSEN, refs));
}
