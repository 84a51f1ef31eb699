import { interfaceCounters } from '@netweir/api';
import { visitLinkStats } from '@netweir/kernel';
import type { DiscoveryChange } from './model.ts';
import { sameCounters } from './same.ts';
import type { Space } from './space.ts';

/** Reads the counters of a space's interfaces; gives those that changed. @throws {KernelError} */
export function readCounters(space: Space): DiscoveryChange[] {
  const atMs = Date.now();
  const changes: DiscoveryChange[] = [];
  visitLinkStats(space.netlink, (ifindex, stats) => {
    const known = space.interfaces.get(ifindex);
    if (!known || sameCounters(known.counters, stats)) return;
    const counters = interfaceCounters(stats, atMs);
    space.put({ ...known, counters });
    changes.push({ type: 'counters', space, ifindex, counters });
  });
  return changes;
}

/** Calls for the counters at the shortest interval that any holder wants, and never without one. */
export class CounterClock {
  readonly #tick: () => void;
  readonly #holders = new Set<{ readonly intervalMs: number }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(tick: () => void) {
    this.#tick = tick;
  }

  /** Returns what ends the hold; a second call of that does nothing. */
  hold(intervalMs: number): () => void {
    const holder = { intervalMs };
    this.#holders.add(holder);
    this.#restart();
    return () => {
      if (this.#holders.delete(holder)) this.#restart();
    };
  }

  stop(): void {
    this.#holders.clear();
    this.#restart();
  }

  #restart(): void {
    clearInterval(this.#timer);
    if (this.#holders.size === 0) return;
    const intervals = [...this.#holders].map(({ intervalMs }) => intervalMs);
    this.#timer = setInterval(this.#tick, Math.min(...intervals)).unref();
  }
}
