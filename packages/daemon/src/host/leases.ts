import { type Impairment, NetweirError, parseDuration } from '@netweir/api';

/** The longest that one timer of Node's can wait. */
const MAX_TIMER_MS = 0x7fff_ffff;

/** Calls once at a time, for each key one. */
export class Leases {
  readonly #timers = new Map<string, NodeJS.Timeout>();

  /** Calls `end` at `at`; a former lease of the key is forgotten. */
  set(key: string, at: Date, end: () => void): void {
    this.cancel(key);
    const leftMs = at.getTime() - Date.now();
    const timer = setTimeout(
      () => {
        if (leftMs > MAX_TIMER_MS) {
          this.set(key, at, end);
          return;
        }
        this.cancel(key);
        end();
      },
      Math.max(0, Math.min(leftMs, MAX_TIMER_MS)),
    );
    this.#timers.set(key, timer);
  }

  cancel(key: string): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
  }

  cancelAll(): void {
    for (const key of [...this.#timers.keys()]) this.cancel(key);
  }
}

/** When what is asked for ends by itself. @throws NetweirError `invalid-quantity` */
export function endOf({ for: lease }: Pick<Impairment, 'for'>): Date | undefined {
  return lease === undefined ? undefined : new Date(Date.now() + leaseMsOf(lease));
}

/** A lease in milliseconds. @throws NetweirError `invalid-quantity` */
export function leaseMsOf(text: string): number {
  const leaseMs = parseDuration(text) / 1_000_000;
  if (leaseMs >= 1) return leaseMs;
  throw new NetweirError('invalid-quantity', `"${text}" is too short for a lease`, {
    remedy: 'Give at least 1ms; a lease of 5m restores after five minutes.',
  });
}
