import type { Interrupt, Terminal } from './terminal.ts';

/** setTimeout takes no more than a 32-bit number and fires at once beyond it. */
const LONGEST_TIMEOUT_MS = 0x7fff_ffff;

/** The interrupts of a stretch of work, as an AbortSignal. */
export interface Interruption extends Disposable {
  readonly signal: AbortSignal;
  received(): Interrupt | undefined;
}

/** From now until disposal an interrupt aborts the signal, unless it is ignored, and does not end the process. */
export function catchInterrupts(
  terminal: Terminal,
  ignored: readonly Interrupt[] = [],
): Interruption {
  const controller = new AbortController();
  let first: Interrupt | undefined;
  const release = terminal.onInterrupt((interrupt) => {
    if (ignored.includes(interrupt)) return;
    first ??= interrupt;
    controller.abort();
  });
  return { signal: controller.signal, received: () => first, [Symbol.dispose]: release };
}

/** Waits until a moment (Unix time in milliseconds) or the signal, whichever comes first. */
export async function waitUntil(momentMs: number, signal: AbortSignal): Promise<void> {
  for (let left = momentMs - Date.now(); left > 0; left = momentMs - Date.now()) {
    if (signal.aborted) return;
    await sleep(Math.min(left, LONGEST_TIMEOUT_MS), signal);
  }
}

/** Waits for the signal. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function sleep(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, durationMs);
    signal.addEventListener('abort', end);
  });
}
