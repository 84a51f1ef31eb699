import type { Distribution } from '@netweir/api';
import { netemDistribution } from '@netweir/kernel';

/** Table entries are parts of a deviation (include/uapi/linux/pkt_sched.h). */
const NETEM_DIST_SCALE = 8192;

/** The table of a distribution, or null where netem's own arithmetic makes it. */
export function tableOf(distribution: Distribution): Int16Array | null {
  return distribution === 'uniform' ? null : netemDistribution(distribution);
}

/**
 * A delay around `mu` with deviation `sigma`, drawn by the 32-bit number `random`, in ns
 * (net/sched/sch_netem.c, tabledist): evenly from `mu - sigma` to below `mu + sigma` without a
 * table, else `mu` plus so many deviations as the table says. May be negative, which means at once.
 * `mu` is below 2^53, `sigma` from 0 to 2^31 - 1.
 */
export function tabledist(
  mu: number,
  sigma: number,
  random: number,
  table: Int16Array | null,
): number {
  if (sigma === 0) return mu;
  if (table === null) return (random % (2 * sigma)) + mu - sigma;
  const entry = table[random % table.length] as number;
  const rest = (sigma % NETEM_DIST_SCALE) * entry;
  const rounded = rest >= 0 ? rest + NETEM_DIST_SCALE / 2 : rest - NETEM_DIST_SCALE / 2;
  return Math.trunc(rounded / NETEM_DIST_SCALE) + Math.trunc(sigma / NETEM_DIST_SCALE) * entry + mu;
}
