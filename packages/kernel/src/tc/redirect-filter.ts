import type { Request } from '../netlink/request.ts';
import { addFilter, ETH_P_ALL, type FilterPriority } from './filter.ts';

/**
 * Adds a filter that has every packet sent by another interface (cls_u32 with act_mirred). Once that one is
 * gone, the packets are dropped. Needs no BPF, so that an ordinary user's own namespaces can have it.
 * Throws RangeError; the kernel says ENOENT where it has no cls_u32 or no act_mirred.
 */
export function addRedirectFilter(place: FilterPriority, toIfindex: number): Request {
  return addFilter(
    { ...place, protocol: ETH_P_ALL },
    {
      kind: 'u32',
      // As tc has it for every packet: one key whose mask is empty.
      keys: [{ offset: 0, mask: 0, value: 0 }],
      actions: [{ kind: 'redirect', toIfindex }],
    },
  );
}
