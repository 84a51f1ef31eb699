import type { Counters, Interface, Inventory, Space } from '@netweir/api';
import type { Throughput } from './output/inventory.ts';

/** Throughput from counters that were read at different times. */
export class ThroughputMeter {
  readonly #last = new Map<string, { counters: Counters; throughput: Throughput | undefined }>();

  /** Takes in the counters of an inventory, and forgets interfaces that it does not have. */
  update(inventory: Inventory): void {
    const seen = new Set<string>();
    for (const space of inventory.spaces) {
      for (const one of space.interfaces) {
        const key = keyOf(space, one);
        seen.add(key);
        const last = this.#last.get(key);
        const { counters } = one;
        if (last && last.counters.atMs === counters.atMs) continue;
        this.#last.set(key, { counters, throughput: last && between(last.counters, counters) });
      }
    }
    for (const key of this.#last.keys()) if (!seen.has(key)) this.#last.delete(key);
  }

  /** Undefined until the counters have been read twice. */
  of(space: Space, one: Interface): Throughput | undefined {
    return this.#last.get(keyOf(space, one))?.throughput;
  }
}

function keyOf(space: Space, one: Interface): string {
  return `${space.inode} ${one.ifindex}`;
}

/** Undefined where a counter or the clock went back: then it is another interface's, or was reset. */
function between(before: Counters, after: Counters): Throughput | undefined {
  const seconds = (after.atMs - before.atMs) / 1000;
  const rxBytes = after.rxBytes - before.rxBytes;
  const txBytes = after.txBytes - before.txBytes;
  if (seconds <= 0 || rxBytes < 0 || txBytes < 0) return undefined;
  return { rxBitPerSec: (rxBytes * 8) / seconds, txBitPerSec: (txBytes * 8) / seconds };
}
