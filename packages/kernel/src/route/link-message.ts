import { Writer } from '../netlink/writer.ts';
import { assertInterfaceName } from './interface-name.ts';

/** linux/rtnetlink.h */
export const RTM_NEWLINK = 16;
export const RTM_DELLINK = 17;
export const RTM_GETLINK = 18;

/** linux/if_link.h */
export const IFLA_ADDRESS = 1;
export const IFLA_BROADCAST = 2;
export const IFLA_IFNAME = 3;
export const IFLA_MTU = 4;
export const IFLA_LINK = 5;
export const IFLA_QDISC = 6;
export const IFLA_MASTER = 10;
export const IFLA_TXQLEN = 13;
export const IFLA_OPERSTATE = 16;
export const IFLA_LINKINFO = 18;
export const IFLA_IFALIAS = 20;
export const IFLA_STATS64 = 23;
export const IFLA_GROUP = 27;
export const IFLA_NET_NS_FD = 28;
export const IFLA_EXT_MASK = 29;
export const IFLA_NUM_TX_QUEUES = 31;
export const IFLA_NUM_RX_QUEUES = 32;
export const IFLA_LINK_NETNSID = 37;
export const IFLA_NEW_NETNSID = 45;
export const IFLA_NEW_IFINDEX = 49;
export const IFLA_PROP_LIST = 52;
export const IFLA_ALT_IFNAME = 53;
export const IFLA_INFO_KIND = 1;
export const IFLA_INFO_DATA = 2;
export const IFLA_INFO_SLAVE_KIND = 4;

/** linux/if.h */
export const IFF_UP = 0x1;
export const IFF_LOOPBACK = 0x8;
export const IFF_POINTOPOINT = 0x10;
export const IFF_NOARP = 0x80;
export const IFF_LOWER_UP = 0x1_0000;

/** Length of `struct ifinfomsg`. */
export const IFINFOMSG_LENGTH = 16;

/** An interface of the socket's namespace, by index or by its (primary) name. */
export type LinkReference = { readonly ifindex: number } | { readonly name: string };

/** For `Request.target`. */
export function describeLink(link: LinkReference): string {
  return 'name' in link ? link.name : `ifindex ${link.ifindex}`;
}

/** `struct ifinfomsg` of a request: only flags in `change` are set to those in `flags`. */
export function ifinfomsg(writer: Writer, ifindex: number, flags = 0, change = 0): Writer {
  return writer.u8(0).u8(0).u16(0).i32(ifindex).u32(flags).u32(change);
}

/** The start of a message about one link: by index in the header, or by name in IFLA_IFNAME. */
export function linkMessage(link: LinkReference, flags = 0, change = 0): Writer {
  if (!('name' in link)) return ifinfomsg(new Writer(), link.ifindex, flags, change);
  assertInterfaceName(link.name);
  return ifinfomsg(new Writer(), 0, flags, change).attributeString(IFLA_IFNAME, link.name);
}
