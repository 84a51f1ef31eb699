import { getRoute, KernelError } from '@netweir/kernel';
import { netweirErrorOf } from './kernel-error.ts';
import type { Reachable } from './reachable.ts';

/** The index of the interface by which a namespace sends to an address; undefined where there is no way there. */
export function outgoingInterface(
  { netlink }: Pick<Reachable, 'netlink'>,
  address: string,
): number | undefined {
  try {
    return netlink.query(getRoute(address))[0]?.ifindex;
  } catch (error) {
    if (error instanceof KernelError) return undefined;
    throw netweirErrorOf(error);
  }
}
