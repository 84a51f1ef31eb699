import { Attributes } from '../netlink/attributes.ts';
import type { Query } from '../netlink/request.ts';
import { Writer } from '../netlink/writer.ts';
import { assertInterfaceName } from './interface-name.ts';
import { type Link, parseLink } from './link.ts';
import {
  describeLink,
  IFINFOMSG_LENGTH,
  IFLA_EXT_MASK,
  IFLA_IFNAME,
  IFLA_MTU,
  ifinfomsg,
  type LinkReference,
  RTM_GETLINK,
  RTM_NEWLINK,
} from './link-message.ts';
import { unlessMalformed } from './malformed.ts';

/** linux/rtnetlink.h */
const RTEXT_FILTER_VF = 1;
/** Leaves out the IPv6 counters of IFLA_AF_SPEC, a quarter of the answer; the link's own still come. */
const RTEXT_FILTER_SKIP_STATS = 8;

/**
 * A dump of all interfaces of the socket's namespace. The kernel sends the counters in any case;
 * without `stats` they are not decoded.
 */
export function dumpLinks({ stats }: { readonly stats: boolean }): Query<Link> {
  return {
    operation: 'dump links',
    target: 'all links',
    type: RTM_GETLINK,
    flags: 0,
    body: ifinfomsg(new Writer(), 0).attributeU32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS).finish(),
    parse: (message) => parseLink(message, stats),
  };
}

/**
 * One interface with its counters. The kernel answers ENODEV where there is none.
 *
 * @throws InvalidValueError where the name cannot be an interface's
 */
export function getLink(link: LinkReference): Query<Link> {
  // Asks as iproute2 does; VF adds nothing to the answer of a link without virtual functions.
  const mask = RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS;
  const writer = ifinfomsg(new Writer(), 'name' in link ? 0 : link.ifindex);
  writer.attributeU32(IFLA_EXT_MASK, mask);
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
    parse: (message) => parseLink(message, true),
  };
}

/** The MTU of one interface in bytes, as `getLink` asks for it, and nothing else of what the kernel answers. */
export function getLinkMtu(link: LinkReference): Query<number> {
  return {
    ...getLink(link),
    operation: 'get MTU',
    parse: ({ type, body }) =>
      type === RTM_NEWLINK
        ? unlessMalformed(() => Attributes.read(body, IFINFOMSG_LENGTH).u32(IFLA_MTU))
        : undefined,
  };
}
