import { CHANGE, type Request } from '../netlink/request.ts';
import type { Writer } from '../netlink/writer.ts';
import { assertInterfaceName } from './interface-name.ts';
import {
  describeLink,
  IFF_UP,
  IFLA_ADDRESS,
  IFLA_GROUP,
  IFLA_IFALIAS,
  IFLA_IFNAME,
  IFLA_MASTER,
  IFLA_MTU,
  IFLA_NET_NS_FD,
  IFLA_TXQLEN,
  type LinkReference,
  linkMessage,
  RTM_DELLINK,
  RTM_NEWLINK,
} from './link-message.ts';
import { parseMacAddress } from './mac-address.ts';

/** IFALIASZ of linux/if.h, with the NUL that the kernel adds. */
const ALIAS_MAX_LENGTH = 255;

const utf8 = new TextEncoder();

export function setLinkUp(link: LinkReference): Request {
  return change('set up', link, linkMessage(link, IFF_UP, IFF_UP));
}

/** Takes an interface down. Its routes go, and its global IPv6 addresses; IPv4 addresses stay. */
export function setLinkDown(link: LinkReference): Request {
  return change('set down', link, linkMessage(link, 0, IFF_UP));
}

/**
 * Renames an interface, which only its index can name in such a message. Before Linux 6.2 it has
 * to be down (EBUSY).
 */
export function renameLink(ifindex: number, name: string): Request {
  assertInterfaceName(name);
  const link = { ifindex };
  return change(`rename to ${name}`, link, linkMessage(link).attributeString(IFLA_IFNAME, name));
}

/** Sets the largest payload of a frame, in bytes. */
export function setLinkMtu(link: LinkReference, mtu: number): Request {
  return change(`set MTU ${mtu}`, link, linkMessage(link).attributeU32(IFLA_MTU, mtu));
}

/**
 * Gives an interface a text that marks it, of at most 255 bytes; the empty one takes it away. An interface
 * cannot be made with one: the kernel passes over it there.
 */
export function setLinkAlias(link: LinkReference, alias: string): Request {
  const bytes = utf8.encode(alias);
  if (bytes.length > ALIAS_MAX_LENGTH) {
    throw new RangeError(`an alias has at most ${ALIAS_MAX_LENGTH} bytes, not ${bytes.length}`);
  }
  return change('set alias', link, linkMessage(link).attributeBytes(IFLA_IFALIAS, bytes));
}

/** Sets how many packets an interface's own queues hold (IFLA_TXQLEN). Throws RangeError. */
export function setLinkTxQueueLength(link: LinkReference, packets: number): Request {
  if (!Number.isInteger(packets) || packets < 0 || packets > 0x7fff_ffff) {
    throw new RangeError(`a queue length is from 0 to 2147483647, not ${packets}`);
  }
  return change('set queue length of', link, linkMessage(link).attributeU32(IFLA_TXQLEN, packets));
}

/** Sets the Ethernet address. A multicast one is refused by the kernel (EADDRNOTAVAIL). */
export function setLinkAddress(link: LinkReference, address: string): Request {
  const bytes = parseMacAddress(address);
  return change(
    `set address ${address}`,
    link,
    linkMessage(link).attributeBytes(IFLA_ADDRESS, bytes),
  );
}

/** Makes the interface a port of a bridge or other master. */
export function setLinkMaster(link: LinkReference, masterIfindex: number): Request {
  const body = linkMessage(link).attributeU32(IFLA_MASTER, masterIfindex);
  return change(`set master ifindex ${masterIfindex}`, link, body);
}

/** Takes the interface out of its master. */
export function clearLinkMaster(link: LinkReference): Request {
  return change('clear master', link, linkMessage(link).attributeU32(IFLA_MASTER, 0));
}

/**
 * Moves an interface to the namespace of an open descriptor. It arrives down, without addresses,
 * routes, qdiscs and master, and perhaps with another index. Its name must be free there (EEXIST).
 * Renaming is a request of its own behind this one: the kernel does not do both or neither.
 */
export function moveLink(link: LinkReference, netnsFd: number): Request {
  return change('move', link, linkMessage(link).attributeU32(IFLA_NET_NS_FD, netnsFd));
}

/** Deletes an interface; a veth's peer goes with it. */
export function deleteLink(link: LinkReference): Request {
  return { ...change('delete link', link, linkMessage(link)), type: RTM_DELLINK };
}

/** Puts an interface into a group, by which `deleteLinkGroup` names many; 0 is that of every new one. */
export function setLinkGroup(link: LinkReference, group: number): Request {
  const body = linkMessage(link).attributeU32(IFLA_GROUP, group);
  return change(`set group ${group} of`, link, body);
}

/**
 * Deletes all interfaces of a group in a namespace, which takes hardly longer than one
 * (unregister_netdevice_many). ENODEV where it has none, EOPNOTSUPP where one of them cannot be deleted, and then
 * none is.
 */
export function deleteLinkGroup(group: number): Request {
  return {
    operation: 'delete links',
    target: `group ${group}`,
    type: RTM_DELLINK,
    flags: 0,
    body: linkMessage({ ifindex: 0 }).attributeU32(IFLA_GROUP, group).finish(),
  };
}

function change(operation: string, link: LinkReference, writer: Writer): Request {
  return {
    operation,
    target: describeLink(link),
    type: RTM_NEWLINK,
    flags: CHANGE,
    body: writer.finish(),
  };
}
