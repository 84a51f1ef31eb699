import { NFGENMSG_LENGTH, NFNETLINK_V1, nfgenmsg } from '../netfilter/nfgenmsg.ts';
import { Attributes } from '../netlink/attributes.ts';
import { CHANGE, type Message, type Query, type Request } from '../netlink/request.ts';
import { addressFamily, ipFamily } from '../route/address-family.ts';
import { bodyView } from '../route/body-view.ts';
import type { IpFamily } from '../route/ip-address.ts';
import { unlessMalformed } from '../route/malformed.ts';
import { type ConntrackTuple, readTuple, writeTuple } from './tuple.ts';

const NFNL_SUBSYS_CTNETLINK = 1;

/** linux/netfilter/nfnetlink_conntrack.h */
const IPCTNL_MSG_CT_NEW = 0;
const IPCTNL_MSG_CT_GET = 1;
const IPCTNL_MSG_CT_DELETE = 2;
const IPCTNL_MSG_CT_GET_STATS = 5;
const CTA_TUPLE_ORIG = 1;
const CTA_TUPLE_REPLY = 2;
const CTA_STATUS = 3;
const CTA_PROTOINFO = 4;
const CTA_TIMEOUT = 7;
const CTA_MARK = 8;
const CTA_ID = 12;
const CTA_ZONE = 18;
const CTA_PROTOINFO_TCP = 1;
const CTA_PROTOINFO_TCP_STATE = 1;
const CTA_STATS_GLOBAL_ENTRIES = 1;

/** enum ip_conntrack_status (linux/netfilter/nf_conntrack_common.h): bits of `status`. */
export const IPS_SEEN_REPLY = 0x2;
export const IPS_ASSURED = 0x4;
export const IPS_SRC_NAT = 0x10;
export const IPS_DST_NAT = 0x20;

/** enum tcp_conntrack (linux/netfilter/nf_conntrack_tcp.h) */
const TCP_STATES = [
  'none',
  'syn_sent',
  'syn_recv',
  'established',
  'fin_wait',
  'close_wait',
  'last_ack',
  'time_wait',
  'close',
  'syn_sent2',
] as const;

/** A connection that the kernel tracks. */
export interface ConntrackEntry {
  readonly family: IpFamily;
  /** The kernel's own number of the entry. */
  readonly id: number;
  /** The packets of the side that began, before any translation. */
  readonly original: ConntrackTuple;
  /** The packets that answer, as they arrive here: to where the source was translated. */
  readonly reply: ConntrackTuple;
  readonly zone: number;
  readonly mark: number;
  /** Bits of IPS_*. */
  readonly status: number;
  /** Seconds until the entry vanishes without another packet. */
  readonly timeoutS: number | undefined;
  readonly tcpState: (typeof TCP_STATES)[number] | undefined;
}

/** Deletes all entries of the namespace, or of one IP version. */
export function flushConntrack({ family }: { family?: IpFamily } = {}): Request {
  return {
    operation: 'flush conntrack',
    target: describeFamily(family),
    type: messageType(IPCTNL_MSG_CT_DELETE),
    flags: CHANGE,
    // Of version 0 the kernel takes no notice of the family, and would flush everything.
    body: nfgenmsg(addressFamily(family), { version: family ? NFNETLINK_V1 : 0 }).finish(),
  };
}

/** The entries of one IP version or of both. */
export function dumpConntrack({ family }: { family?: IpFamily } = {}): Query<ConntrackEntry> {
  return {
    operation: 'dump conntrack',
    target: describeFamily(family),
    type: messageType(IPCTNL_MSG_CT_GET),
    flags: 0,
    body: nfgenmsg(addressFamily(family)).finish(),
    parse: parseConntrackMessage,
  };
}

/** Deletes one entry as a dump gave it; ENOENT where it is gone. */
export function deleteConntrack(
  entry: Pick<ConntrackEntry, 'family' | 'original' | 'zone' | 'id'>,
): Request {
  const writer = nfgenmsg(addressFamily(entry.family));
  writeTuple(writer, CTA_TUPLE_ORIG, entry.original);
  if (entry.zone !== 0) writer.attributeBe16(CTA_ZONE, entry.zone);
  writer.attributeBe32(CTA_ID, entry.id);
  return {
    operation: 'delete conntrack entry',
    target: `${entry.original.source} to ${entry.original.destination}`,
    type: messageType(IPCTNL_MSG_CT_DELETE),
    flags: CHANGE,
    body: writer.finish(),
  };
}

/** How many entries the namespace has. */
export function countConntrack(): Query<number> {
  return {
    operation: 'count conntrack',
    target: 'all families',
    type: messageType(IPCTNL_MSG_CT_GET_STATS),
    flags: 0,
    body: nfgenmsg(0).finish(),
    parse: ({ type, body }) => {
      if (type !== messageType(IPCTNL_MSG_CT_GET_STATS)) return undefined;
      return unlessMalformed(() =>
        Attributes.read(body, NFGENMSG_LENGTH).be32(CTA_STATS_GLOBAL_ENTRIES),
      );
    },
  };
}

export function parseConntrackMessage({ type, body }: Message): ConntrackEntry | undefined {
  if (type !== messageType(IPCTNL_MSG_CT_NEW)) return undefined;
  return unlessMalformed(() => decodeEntry(body));
}

function decodeEntry(body: Uint8Array): ConntrackEntry | undefined {
  const family = ipFamily(bodyView(body).getUint8(0));
  const attributes = Attributes.read(body, NFGENMSG_LENGTH);
  const original = readTuple(attributes.nested(CTA_TUPLE_ORIG));
  const reply = readTuple(attributes.nested(CTA_TUPLE_REPLY));
  if (!family || !original || !reply) return undefined;
  const tcp = attributes.nested(CTA_PROTOINFO)?.nested(CTA_PROTOINFO_TCP);
  return {
    family,
    id: attributes.be32(CTA_ID) ?? 0,
    original,
    reply,
    zone: attributes.be16(CTA_ZONE) ?? 0,
    mark: attributes.be32(CTA_MARK) ?? 0,
    status: attributes.be32(CTA_STATUS) ?? 0,
    timeoutS: attributes.be32(CTA_TIMEOUT),
    tcpState: TCP_STATES[tcp?.u8(CTA_PROTOINFO_TCP_STATE) ?? TCP_STATES.length],
  };
}

function messageType(message: number): number {
  return (NFNL_SUBSYS_CTNETLINK << 8) | message;
}

function describeFamily(family: IpFamily | undefined): string {
  return family === undefined ? 'all families' : `IPv${family}`;
}
