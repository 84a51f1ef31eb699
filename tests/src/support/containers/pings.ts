import type { Runtime } from './runtime.ts';

/** One container that pings another over a network that both are on. */
export interface Pair {
  readonly from: string;
  readonly to: string;
  readonly address: string;
}

const COUNT = 8;
const AT_A_TIME = 6;

/**
 * The least round trip of a few, in milliseconds, by the container's own ping; NaN without a reply. The
 * least, because a busy machine only ever adds to what was set, and the first waits for ARP.
 */
export async function pingMs(runtime: Runtime, { from, address }: Pair): Promise<number> {
  const output = await runtime
    .client('exec', from, 'ping', '-c', `${COUNT}`, '-i', '0.1', '-W', '2', address)
    .catch((error: unknown) => {
      // ping itself ends with 1 when nothing came back
      if (error instanceof Error && 'stdout' in error) return String(error.stdout);
      throw error;
    });
  const times = [...output.matchAll(/time=([\d.]+)/gu)].map(([, ms]) => Number(ms));
  return times.length === 0 ? Number.NaN : Math.min(...times);
}

/** The same for many pairs, some of them at a time. */
export async function pingAll(runtime: Runtime, pairs: readonly Pair[]): Promise<number[]> {
  const results: number[] = [];
  const queue = [...pairs.entries()];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [index, pair] = next;
      results[index] = await pingMs(runtime, pair);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return results;
}
