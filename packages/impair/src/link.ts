import type { LinkState } from '@netweir/api';
import { setLinkDown, setLinkUp } from '@netweir/kernel';
import type { Reachable } from './impairer.ts';
import { netweirErrorOf } from './kernel-error.ts';

/** Takes an interface administratively up or down (IFF_UP). Throws NetweirError. */
export function setLink({ netlink, ifindex }: Reachable, state: LinkState): void {
  try {
    netlink.request(state === 'up' ? setLinkUp({ ifindex }) : setLinkDown({ ifindex }));
  } catch (error) {
    throw netweirErrorOf(error);
  }
}
