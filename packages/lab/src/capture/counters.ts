import type { LinkStats } from '@netweir/kernel';
import type { NetworkStack } from '../stack/network-stack.ts';

/** What has passed an interface since it was made (`struct rtnl_link_stats64`). */
export type InterfaceCounters = Pick<
  LinkStats,
  | 'rxPackets'
  | 'txPackets'
  | 'rxBytes'
  | 'txBytes'
  | 'rxErrors'
  | 'txErrors'
  | 'rxDropped'
  | 'txDropped'
>;

/** By the names of the interfaces; all that the node has, also those that programs made. */
export function readCounters(stack: NetworkStack): Record<string, InterfaceCounters> {
  const entries = stack.links().flatMap(({ name, stats }) => (stats ? [[name, pick(stats)]] : []));
  return Object.fromEntries(entries);
}

function pick(stats: LinkStats): InterfaceCounters {
  const { rxPackets, txPackets, rxBytes, txBytes } = stats;
  const { rxErrors, txErrors, rxDropped, txDropped } = stats;
  return { rxPackets, txPackets, rxBytes, txBytes, rxErrors, txErrors, rxDropped, txDropped };
}
