import { setTimeout } from 'node:timers/promises';

const IDLE = 0;
const LOADING = 1;
const ENDING = 2;

/**
 * A Worker that is terminated while it loads an addon of C++ takes the whole process along: so it says when
 * it does, and its end waits for that. To be shared with it.
 */
export type Loading = Int32Array;

export function newLoading(): Loading {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

/** In the Worker: loads an addon, unless its end has come. */
export function loadAddon<T>(loading: Loading, load: () => T): T {
  // It is terminated while it waits.
  if (Atomics.compareExchange(loading, 0, IDLE, LOADING) === ENDING)
    Atomics.wait(loading, 0, ENDING);
  try {
    return load();
  } finally {
    Atomics.store(loading, 0, IDLE);
  }
}

/** Outside: resolves once the Worker loads nothing, and will load nothing any more. */
export async function untilLoaded(loading: Loading): Promise<void> {
  while (Atomics.compareExchange(loading, 0, IDLE, ENDING) === LOADING) await setTimeout(1);
}
