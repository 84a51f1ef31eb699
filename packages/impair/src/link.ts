import { type LinkState, NetweirError } from '@netweir/api';
import { getLink, setLinkDown, setLinkUp } from '@netweir/kernel';
import { netweirErrorOf } from './kernel-error.ts';
import type { Reachable } from './reachable.ts';

/**
 * Takes an interface administratively up or down (IFF_UP), and sees that it is.
 *
 * @throws NetweirError what the kernel refuses, or `read-back-differs`
 */
export function setLink(at: Reachable, state: LinkState): void {
  const { netlink, ifindex } = at;
  try {
    netlink.request(state === 'up' ? setLinkUp({ ifindex }) : setLinkDown({ ifindex }));
    const [link] = netlink.query(getLink({ ifindex }));
    if (link?.up === (state === 'up')) return;
    throw new NetweirError(
      'read-back-differs',
      `${at.interface} is not ${state} after it was set so`,
    );
  } catch (error) {
    throw netweirErrorOf(error);
  }
}
