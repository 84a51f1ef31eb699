import { Attributes } from '../netlink/attributes.ts';
import {
  ADD,
  CHANGE,
  type Message,
  type Query,
  REPLACE,
  type Request,
} from '../netlink/request.ts';
import { Writer } from '../netlink/writer.ts';
import { AF_UNSPEC, addressFamily, ipFamily } from './address-family.ts';
import { bodyView } from './body-view.ts';
import { formatIpAddress, type IpFamily, parseIpAddress } from './ip-address.ts';
import { broadcastOf, formatIpPrefix, parseIpPrefix } from './ip-prefix.ts';
import { unlessMalformed } from './malformed.ts';

/** linux/rtnetlink.h */
const RTM_NEWADDR = 20;
const RTM_DELADDR = 21;
const RTM_GETADDR = 22;
/** linux/if_addr.h */
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_LABEL = 3;
const IFA_BROADCAST = 4;
const IFA_FLAGS = 8;
const IFA_F_SECONDARY = 0x01;
const IFA_F_NODAD = 0x02;
const IFA_F_DADFAILED = 0x08;
const IFA_F_TENTATIVE = 0x40;
const IFA_F_PERMANENT = 0x80;
const IFADDRMSG_LENGTH = 8;

/** An IP address of an interface, as the kernel describes it. */
export interface InterfaceAddress {
  readonly family: IpFamily;
  readonly ifindex: number;
  readonly address: string;
  /** Of the peer's address where there is a peer. */
  readonly prefixLength: number;
  /** The other end of a point-to-point address. */
  readonly peer: string | undefined;
  readonly broadcast: string | undefined;
  /** IPv4 only: the interface's name, perhaps with a suffix. */
  readonly label: string | undefined;
  /** RT_SCOPE_* of linux/rtnetlink.h: 0 global, 253 link, 254 host. */
  readonly scope: number;
  /** IFA_F_* of linux/if_addr.h; the commonly asked ones are also members of their own. */
  readonly flags: number;
  readonly permanent: boolean;
  /** Duplicate address detection has not ended: a bind to the address fails. */
  readonly tentative: boolean;
  readonly dadFailed: boolean;
  /** IPv4: a second address of the same prefix; IPv6: a temporary one (RFC 8981). */
  readonly secondary: boolean;
}

/** An address to put on an interface. */
export interface NewAddress {
  readonly ifindex: number;
  /** `10.0.0.1/24` or `2001:db8::1/64`; a host prefix where the length is left out. */
  readonly address: string;
  /** The other end of a point-to-point address; the prefix length is then the peer's. */
  readonly peer?: string;
  /** IPv4: `+` for the directed broadcast address of the prefix; none by default, as in iproute2. */
  readonly broadcast?: string;
  /** IPv6: usable at once, without duplicate address detection (IFA_F_NODAD). */
  readonly noDad?: boolean;
}

/** Adds an address; EEXIST where it is there. */
export function addAddress(address: NewAddress): Request {
  return addressRequest('add', RTM_NEWADDR, ADD, address);
}

/**
 * Adds an address, or succeeds with the one that is there. The kernel renews that one's lifetime, and
 * of IPv6 its flags, and leaves its broadcast address as it was.
 */
export function replaceAddress(address: NewAddress): Request {
  return addressRequest('replace', RTM_NEWADDR, REPLACE, address);
}

/**
 * Deletes an address; EADDRNOTAVAIL where it is not there. An IPv4 address takes its secondaries
 * with it unless promote_secondaries is set.
 */
export function deleteAddress(address: Pick<NewAddress, 'ifindex' | 'address' | 'peer'>): Request {
  return addressRequest('delete', RTM_DELADDR, CHANGE, address);
}

/** A dump of the addresses of all interfaces, or of one (which needs a strict socket). */
export function dumpAddresses({ ifindex = 0 }: { ifindex?: number } = {}): Query<InterfaceAddress> {
  return {
    operation: 'dump addresses',
    target: ifindex === 0 ? 'all links' : `ifindex ${ifindex}`,
    type: RTM_GETADDR,
    flags: 0,
    body: ifaddrmsg(AF_UNSPEC, 0, 0, ifindex).finish(),
    parse: (message) => {
      const event = parseAddressMessage(message);
      return event?.deleted === false ? event.address : undefined;
    },
  };
}

/** What an RTM_NEWADDR or RTM_DELADDR notification says. */
export interface AddressEvent {
  readonly deleted: boolean;
  readonly address: InterfaceAddress;
}

export function parseAddressMessage({ type, body }: Message): AddressEvent | undefined {
  if (type !== RTM_NEWADDR && type !== RTM_DELADDR) return undefined;
  const address = unlessMalformed(() => decodeAddress(body));
  return address && { deleted: type === RTM_DELADDR, address };
}

function ifaddrmsg(family: number, prefixLength: number, flags: number, ifindex: number): Writer {
  return new Writer().u8(family).u8(prefixLength).u8(flags).u8(0).u32(ifindex);
}

function addressRequest(verb: string, type: number, flags: number, spec: NewAddress): Request {
  const local = parseIpPrefix(spec.address);
  const peer = spec.peer === undefined ? local.bytes : parseIpAddress(spec.peer).bytes;
  const addressFlags = spec.noDad ? IFA_F_NODAD : 0;
  const family = addressFamily(local.family);
  // Both attributes always: without IFA_LOCAL the kernel deletes whichever IPv4 address is first.
  const writer = ifaddrmsg(family, local.prefixLength, addressFlags, spec.ifindex)
    .attributeBytes(IFA_LOCAL, local.bytes)
    .attributeBytes(IFA_ADDRESS, peer);
  const broadcast =
    spec.broadcast === '+'
      ? broadcastOf({ ...local, bytes: peer })
      : spec.broadcast && parseIpAddress(spec.broadcast).bytes;
  if (broadcast) writer.attributeBytes(IFA_BROADCAST, broadcast);
  return {
    operation: `${verb} address ${formatIpPrefix(local.bytes, local.prefixLength)}`,
    target: `ifindex ${spec.ifindex}`,
    type,
    flags,
    body: writer.finish(),
  };
}

function decodeAddress(body: Uint8Array): InterfaceAddress | undefined {
  const header = bodyView(body);
  const attributes = Attributes.read(body, IFADDRMSG_LENGTH);
  const family = ipFamily(header.getUint8(0));
  const prefix = attributes.bytes(IFA_ADDRESS);
  // IPv6 sends IFA_LOCAL only beside a peer, IPv4 always.
  const local = attributes.bytes(IFA_LOCAL) ?? prefix;
  if (family === undefined || !local) return undefined;
  const address = formatIpAddress(local);
  const peer = prefix && formatIpAddress(prefix);
  const broadcast = attributes.bytes(IFA_BROADCAST);
  const flags = attributes.u32(IFA_FLAGS) ?? header.getUint8(2);
  return {
    family,
    ifindex: header.getUint32(4, true),
    address,
    prefixLength: header.getUint8(1),
    peer: peer === address ? undefined : peer,
    broadcast: broadcast && formatIpAddress(broadcast),
    label: attributes.string(IFA_LABEL),
    scope: header.getUint8(3),
    flags,
    permanent: (flags & IFA_F_PERMANENT) !== 0,
    tentative: (flags & IFA_F_TENTATIVE) !== 0,
    dadFailed: (flags & IFA_F_DADFAILED) !== 0,
    secondary: (flags & IFA_F_SECONDARY) !== 0,
  };
}
