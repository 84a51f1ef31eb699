import { type Link, parseLinkMessage, type Query } from '@netweir/kernel';

/** linux/rtnetlink.h, linux/if_link.h */
const RTM_GETLINK = 18;
const IFLA_TARGET_NETNSID = 46;
const IFINFOMSG_LENGTH = 16;
const IFI_INDEX_OFFSET = 4;
/** `struct nlattr` and the number in it. */
const ATTRIBUTE_LENGTH = 8;

/**
 * A link of the namespace that the socket's namespace knows by a number, seen from here (since 4.20).
 * The kernel answers EPERM to who may not administer that namespace, and ENODEV where it has no such
 * link.
 */
export function getLinkOf(nsid: number, ifindex: number): Query<Link> {
  const body = new Uint8Array(IFINFOMSG_LENGTH + ATTRIBUTE_LENGTH);
  const view = new DataView(body.buffer);
  view.setInt32(IFI_INDEX_OFFSET, ifindex, true);
  view.setUint16(IFINFOMSG_LENGTH, ATTRIBUTE_LENGTH, true);
  view.setUint16(IFINFOMSG_LENGTH + 2, IFLA_TARGET_NETNSID, true);
  view.setInt32(IFINFOMSG_LENGTH + 4, nsid, true);
  return {
    operation: 'get link of another namespace',
    target: `ifindex ${ifindex} in nsid ${nsid}`,
    type: RTM_GETLINK,
    flags: 0,
    body,
    parse: (message) => parseLinkMessage(message)?.link,
  };
}
