import type { Query } from '../netlink/request.ts';
import { Writer } from '../netlink/writer.ts';
import { assertInterfaceName } from './interface-name.ts';
import { type Link, parseLink } from './link.ts';
import {
  describeLink,
  IFLA_EXT_MASK,
  IFLA_IFNAME,
  ifinfomsg,
  type LinkReference,
  RTM_GETLINK,
} from './link-message.ts';

/** linux/rtnetlink.h */
const RTEXT_FILTER_VF = 1;
const RTEXT_FILTER_SKIP_STATS = 8;

export interface LinkQueryOptions {
  /** Whether the counters come with each link; without them the answer is a quarter smaller. */
  readonly stats: boolean;
}

/** A dump of all interfaces of the socket's namespace. */
export function dumpLinks({ stats }: LinkQueryOptions): Query<Link> {
  const writer = ifinfomsg(new Writer(), 0);
  if (!stats) writer.attributeU32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  return {
    operation: 'dump links',
    target: 'all links',
    type: RTM_GETLINK,
    flags: 0,
    body: writer.finish(),
    parse: parseLink,
  };
}

/**
 * One interface. The kernel answers ENODEV where there is none.
 *
 * @throws InvalidValueError where the name cannot be an interface's
 */
export function getLink(link: LinkReference, { stats }: LinkQueryOptions): Query<Link> {
  const writer = ifinfomsg(new Writer(), 'name' in link ? 0 : link.ifindex);
  if (!stats) {
    // Asks as iproute2 does; VF adds nothing to the answer of a link without virtual functions.
    writer.attributeU32(IFLA_EXT_MASK, RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS);
  }
  if ('name' in link) {
    assertInterfaceName(link.name);
    writer.attributeString(IFLA_IFNAME, link.name);
  }
  return {
    operation: 'get link',
    target: describeLink(link),
    type: RTM_GETLINK,
    flags: 0,
    body: writer.finish(),
    parse: parseLink,
  };
}
