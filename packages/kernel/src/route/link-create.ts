import { ADD, type Request } from '../netlink/request.ts';
import { Writer } from '../netlink/writer.ts';
import { assertInterfaceName } from './interface-name.ts';
import {
  IFLA_ADDRESS,
  IFLA_IFNAME,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_LINK,
  IFLA_LINKINFO,
  IFLA_MTU,
  IFLA_NET_NS_FD,
  ifinfomsg,
  RTM_NEWLINK,
} from './link-message.ts';
import { parseMacAddress } from './mac-address.ts';

/** linux/veth.h */
const VETH_INFO_PEER = 1;
/** linux/if_link.h */
const IFLA_BR_FORWARD_DELAY = 1;
const IFLA_BR_STP_STATE = 5;
const IFLA_BR_MCAST_SNOOPING = 23;
const IFLA_MACVLAN_MODE = 1;
const MACVLAN_MODES = { private: 1, vepa: 2, bridge: 4, passthru: 8 } as const;

const utf8 = new TextEncoder();

/** An interface to be made. */
export interface NewLink {
  readonly name: string;
  /**
   * Its index, where the caller knows which are free (EEXIST); the kernel picks one by default. A
   * veth's peer has the one asked for only where both ends ask.
   */
  readonly ifindex?: number;
  /** An open descriptor of the network namespace to make it in; the socket's by default. */
  readonly netnsFd?: number;
  /** Ethernet address; the kernel picks one by default. */
  readonly address?: string;
  /** Bytes. */
  readonly mtu?: number;
}

export interface NewBridge extends NewLink {
  /**
   * Whether it heeds who has joined a group (IGMP, MLD), and joins one itself; otherwise it sends multicast to all
   * ports. The kernel's default is that it does.
   */
  readonly multicastSnooping?: boolean;
}

export interface NewMacvlan extends NewLink {
  /** The interface it sits on, in the socket's namespace. */
  readonly linkIfindex: number;
  readonly mode: keyof typeof MACVLAN_MODES;
}

/**
 * A pair of virtual Ethernet interfaces, each end in its own namespace at once, so that no name is
 * ever taken in a namespace where an end does not belong. Both ends are down: a peer cannot come up
 * in the message that makes it (ENOTCONN).
 */
export function addVeth(end: NewLink, peer: NewLink): Request {
  return addLink('veth', end, (data) =>
    data.attribute(VETH_INFO_PEER, (w) => linkAttributes(ifinfomsg(w, peer.ifindex ?? 0), peer)),
  );
}

/** A bridge that forwards from the first frame: without spanning tree and its listening delay. */
export function addBridge({ multicastSnooping, ...link }: NewBridge): Request {
  return addLink('bridge', link, (data) => {
    data.attributeU32(IFLA_BR_STP_STATE, 0).attributeU32(IFLA_BR_FORWARD_DELAY, 0);
    if (multicastSnooping !== undefined) {
      data.attributeU8(IFLA_BR_MCAST_SNOOPING, multicastSnooping ? 1 : 0);
    }
  });
}

/**
 * An intermediate functional block device: a place for qdiscs on redirected traffic. It is down, and drops
 * what is redirected to it until it is up.
 */
export function addIfb(link: NewLink): Request {
  return addLink('ifb', link);
}

/** A dummy interface. The kernel answers EOPNOTSUPP where it has no such driver. */
export function addDummy(link: NewLink): Request {
  return addLink('dummy', link);
}

/** A macvlan: an interface with an Ethernet address of its own on top of another interface. */
export function addMacvlan({ linkIfindex, mode, ...link }: NewMacvlan): Request {
  return addLink(
    'macvlan',
    link,
    (data) => data.attributeU32(IFLA_MACVLAN_MODE, MACVLAN_MODES[mode]),
    linkIfindex,
  );
}

function addLink(
  kind: string,
  link: NewLink,
  data?: (writer: Writer) => void,
  linkIfindex?: number,
): Request {
  const writer = ifinfomsg(new Writer(), link.ifindex ?? 0);
  if (linkIfindex !== undefined) writer.attributeU32(IFLA_LINK, linkIfindex);
  linkAttributes(writer, link).attribute(IFLA_LINKINFO, (info) => {
    info.attributeBytes(IFLA_INFO_KIND, utf8.encode(kind));
    if (data) info.attribute(IFLA_INFO_DATA, data);
  });
  return {
    operation: `add ${kind}`,
    target: link.name,
    type: RTM_NEWLINK,
    flags: ADD,
    body: writer.finish(),
  };
}

function linkAttributes(writer: Writer, { name, netnsFd, address, mtu }: NewLink): Writer {
  assertInterfaceName(name);
  if (mtu !== undefined) writer.attributeU32(IFLA_MTU, mtu);
  if (address !== undefined) writer.attributeBytes(IFLA_ADDRESS, parseMacAddress(address));
  if (netnsFd !== undefined) writer.attributeU32(IFLA_NET_NS_FD, netnsFd);
  return writer.attributeString(IFLA_IFNAME, name);
}
