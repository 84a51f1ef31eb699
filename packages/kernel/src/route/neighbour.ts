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
import { formatMacAddress, parseMacAddress } from './mac-address.ts';
import { unlessMalformed } from './malformed.ts';

/** linux/rtnetlink.h, linux/neighbour.h */
const RTM_NEWNEIGH = 28;
const RTM_DELNEIGH = 29;
const RTM_GETNEIGH = 30;
const NDA_DST = 1;
const NDA_LLADDR = 2;
const NDA_IFINDEX = 8;
const NUD_PERMANENT = 0x80;
const NDMSG_LENGTH = 12;

/** An entry of the neighbour table (ARP, NDP). */
export interface Neighbour {
  readonly family: IpFamily;
  readonly ifindex: number;
  readonly address: string;
  readonly lladdr: string | undefined;
  /** NUD_* of linux/neighbour.h: 2 reachable, 4 stale, 0x20 failed, 0x80 permanent. */
  readonly state: number;
}

/** A permanent entry to make. */
export interface NewNeighbour {
  readonly ifindex: number;
  readonly address: string;
  readonly lladdr: string;
}

/** Adds a permanent neighbour; EEXIST where there is an entry. */
export function addNeighbour(neighbour: NewNeighbour): Request {
  return neighbourRequest('add', RTM_NEWNEIGH, ADD, neighbour);
}

/** Adds a permanent neighbour in place of any entry that is there. */
export function replaceNeighbour(neighbour: NewNeighbour): Request {
  return neighbourRequest('replace', RTM_NEWNEIGH, REPLACE, neighbour);
}

/** Deletes a neighbour; ENOENT where there is none. */
export function deleteNeighbour(neighbour: Omit<NewNeighbour, 'lladdr'>): Request {
  return neighbourRequest('delete', RTM_DELNEIGH, CHANGE, neighbour);
}

/** A dump of the neighbours on all interfaces, or on one (which needs a strict socket). */
export function dumpNeighbours({ ifindex }: { ifindex?: number } = {}): Query<Neighbour> {
  // The strict check refuses a filter in the header (EINVAL).
  const writer = ndmsg(AF_UNSPEC, 0, 0);
  if (ifindex !== undefined) writer.attributeU32(NDA_IFINDEX, ifindex);
  return {
    operation: 'dump neighbours',
    target: ifindex === undefined ? 'all links' : `ifindex ${ifindex}`,
    type: RTM_GETNEIGH,
    flags: 0,
    body: writer.finish(),
    parse: (message) => {
      const event = parseNeighbourMessage(message);
      return event?.deleted === false ? event.neighbour : undefined;
    },
  };
}

/** What an RTM_NEWNEIGH or RTM_DELNEIGH notification says. */
export interface NeighbourEvent {
  readonly deleted: boolean;
  readonly neighbour: Neighbour;
}

export function parseNeighbourMessage({ type, body }: Message): NeighbourEvent | undefined {
  if (type !== RTM_NEWNEIGH && type !== RTM_DELNEIGH) return undefined;
  const neighbour = unlessMalformed(() => decodeNeighbour(body));
  return neighbour && { deleted: type === RTM_DELNEIGH, neighbour };
}

function ndmsg(family: number, ifindex: number, state: number): Writer {
  return new Writer().u8(family).zeros(3).i32(ifindex).u16(state).zeros(2);
}

function neighbourRequest(
  verb: string,
  type: number,
  flags: number,
  { ifindex, address, lladdr }: Omit<NewNeighbour, 'lladdr'> & { readonly lladdr?: string },
): Request {
  const { family, bytes } = parseIpAddress(address);
  const writer = ndmsg(addressFamily(family), ifindex, NUD_PERMANENT);
  writer.attributeBytes(NDA_DST, bytes);
  if (lladdr !== undefined) writer.attributeBytes(NDA_LLADDR, parseMacAddress(lladdr));
  return {
    operation: `${verb} neighbour ${address}`,
    target: `ifindex ${ifindex}`,
    type,
    flags,
    body: writer.finish(),
  };
}

function decodeNeighbour(body: Uint8Array): Neighbour | undefined {
  const header = bodyView(body);
  const attributes = Attributes.read(body, NDMSG_LENGTH);
  const family = ipFamily(header.getUint8(0));
  const destination = attributes.bytes(NDA_DST);
  if (family === undefined || !destination) return undefined;
  const lladdr = attributes.bytes(NDA_LLADDR);
  return {
    family,
    ifindex: header.getInt32(4, true),
    address: formatIpAddress(destination),
    lladdr: lladdr?.length ? formatMacAddress(lladdr) : undefined,
    state: header.getUint16(8, true),
  };
}
