import { Attributes } from '../netlink/attributes.ts';
import { CHANGE, type Message, type Query, type Request } from '../netlink/request.ts';
import { Writer } from '../netlink/writer.ts';
import { unlessMalformed } from './malformed.ts';

/** linux/rtnetlink.h, linux/net_namespace.h */
const RTM_NEWNSID = 88;
const RTM_DELNSID = 89;
const RTM_GETNSID = 90;
const NETNSA_NSID = 1;
const NETNSA_FD = 3;
/** Length of `struct rtgenmsg`, padded. */
const RTGENMSG_LENGTH = 4;

/** The nsid of a namespace that has none, and, when one is assigned, the kernel's own choice. */
export const NETNSA_NSID_NOT_ASSIGNED = -1;

/**
 * Gives the namespace of an open descriptor a number in the socket's namespace, by which links and
 * events there speak of it. EEXIST where it has one; a number lasts as long as its namespace.
 */
export function setNsid(netnsFd: number, nsid: number = NETNSA_NSID_NOT_ASSIGNED): Request {
  return {
    operation: `set nsid ${nsid}`,
    target: describe(netnsFd),
    type: RTM_NEWNSID,
    flags: CHANGE,
    body: rtgenmsg().attributeU32(NETNSA_FD, netnsFd).attributeI32(NETNSA_NSID, nsid).finish(),
  };
}

/** The nsid of the namespace of an open descriptor, or NETNSA_NSID_NOT_ASSIGNED. */
export function getNsid(netnsFd: number): Query<number> {
  return {
    operation: 'get nsid',
    target: describe(netnsFd),
    type: RTM_GETNSID,
    flags: 0,
    body: rtgenmsg().attributeU32(NETNSA_FD, netnsFd).finish(),
    parse: parseNsid,
  };
}

/** A dump of all numbers in use in the socket's namespace. */
export function dumpNsids(): Query<number> {
  return {
    operation: 'dump nsids',
    target: 'all namespaces',
    type: RTM_GETNSID,
    flags: 0,
    body: rtgenmsg().finish(),
    parse: parseNsid,
  };
}

/** What an RTM_NEWNSID or RTM_DELNSID notification says. */
export interface NsidEvent {
  /** True when the namespace of that number has died. */
  readonly deleted: boolean;
  readonly nsid: number;
}

export function parseNsidMessage({ type, body }: Message): NsidEvent | undefined {
  if (type !== RTM_NEWNSID && type !== RTM_DELNSID) return undefined;
  const nsid = unlessMalformed(() => Attributes.read(body, RTGENMSG_LENGTH).i32(NETNSA_NSID));
  return nsid === undefined ? undefined : { deleted: type === RTM_DELNSID, nsid };
}

function parseNsid(message: Message): number | undefined {
  const event = parseNsidMessage(message);
  return event?.deleted === false ? event.nsid : undefined;
}

function rtgenmsg(): Writer {
  return new Writer().zeros(RTGENMSG_LENGTH);
}

function describe(netnsFd: number): string {
  return `namespace of fd ${netnsFd}`;
}
