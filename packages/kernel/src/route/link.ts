import { Attributes } from '../netlink/attributes.ts';
import type { Message } from '../netlink/request.ts';
import { AF_UNSPEC } from './address-family.ts';
import { bodyView } from './body-view.ts';
import * as kernel from './link-message.ts';
import { decodeLinkStats, type LinkStats } from './link-stats.ts';
import { formatMacAddress } from './mac-address.ts';
import { unlessMalformed } from './malformed.ts';

/** RFC 2863 ifOperStatus in the kernel's numbering (IF_OPER_* of linux/if.h). */
const OPERSTATES = [
  'unknown',
  'notpresent',
  'down',
  'lowerlayerdown',
  'testing',
  'dormant',
  'up',
] as const;

export type Operstate = (typeof OPERSTATES)[number];

/** A network interface as the kernel describes it (RTM_NEWLINK). */
export interface Link {
  readonly ifindex: number;
  readonly name: string;
  readonly alternativeNames: readonly string[];
  /** A text that someone gave it, for people and for finding it again; up to 255 bytes. */
  readonly alias: string | undefined;
  /** `veth`, `bridge`, `macvlan`…; undefined for hardware and the loopback. */
  readonly kind: string | undefined;
  /** What it is a port of, such as `bridge`. */
  readonly slaveKind: string | undefined;
  /** ARPHRD_* of linux/if_arp.h: 1 Ethernet, 772 loopback. */
  readonly type: number;
  /** IFF_* of linux/if.h; the commonly asked ones are also members of their own. */
  readonly flags: number;
  readonly up: boolean;
  /** IFF_LOWER_UP: the lower layer, a cable or a veth's peer, is ready. */
  readonly carrier: boolean;
  readonly loopback: boolean;
  readonly pointToPoint: boolean;
  readonly noArp: boolean;
  readonly operstate: Operstate;
  /** Bytes. */
  readonly mtu: number;
  /** Link-layer address. */
  readonly address: string | undefined;
  readonly broadcast: string | undefined;
  /** Packets. */
  readonly txqlen: number;
  readonly masterIfindex: number | undefined;
  /** A veth's peer, a macvlan's parent: an index in the namespace of `linkNetnsid`. */
  readonly linkIfindex: number | undefined;
  /** The nsid of the namespace of `linkIfindex`, or undefined where that is this namespace. */
  readonly linkNetnsid: number | undefined;
  readonly group: number;
  readonly numTxQueues: number;
  readonly numRxQueues: number;
  /** Kind of the root qdisc. */
  readonly qdisc: string | undefined;
  /** Undefined from a dump that was not to decode them. */
  readonly stats: LinkStats | undefined;
}

/** What an RTM_NEWLINK or RTM_DELLINK notification says. */
export interface LinkEvent {
  readonly deleted: boolean;
  readonly link: Link;
  /** Where a link that left this namespace went; undefined for one that is gone for good. */
  readonly newNetnsid: number | undefined;
  /** Its index there. */
  readonly newIfindex: number | undefined;
}

/**
 * Reads a link notification. Those of other families pass over: RTM_DELLINK of AF_BRIDGE says that
 * a port left its bridge, not that the interface is gone.
 */
export function parseLinkMessage(message: Message): LinkEvent | undefined {
  return parseMessage(message, true);
}

/** What link queries parse by; the counters stay undecoded without `stats`. */
export function parseLink(message: Message, stats: boolean): Link | undefined {
  const event = parseMessage(message, stats);
  return event?.deleted === false ? event.link : undefined;
}

function parseMessage({ type, body }: Message, stats: boolean): LinkEvent | undefined {
  if (type !== kernel.RTM_NEWLINK && type !== kernel.RTM_DELLINK) return undefined;
  return unlessMalformed(() => {
    const attributes = Attributes.read(body, kernel.IFINFOMSG_LENGTH);
    const link = decodeLink(body, attributes, stats);
    return (
      link && {
        deleted: type === kernel.RTM_DELLINK,
        link,
        newNetnsid: attributes.i32(kernel.IFLA_NEW_NETNSID),
        newIfindex: attributes.i32(kernel.IFLA_NEW_IFINDEX),
      }
    );
  });
}

function decodeLink(
  body: Uint8Array,
  attributes: Attributes,
  withStats: boolean,
): Link | undefined {
  const header = bodyView(body);
  const name = attributes.string(kernel.IFLA_IFNAME);
  if (header.getUint8(0) !== AF_UNSPEC || name === undefined) return undefined;
  const info = attributes.nested(kernel.IFLA_LINKINFO);
  const stats = withStats ? attributes.view(kernel.IFLA_STATS64) : undefined;
  return {
    ifindex: header.getInt32(4, true),
    name,
    alternativeNames: alternativeNames(attributes),
    alias: attributes.string(kernel.IFLA_IFALIAS),
    kind: info?.string(kernel.IFLA_INFO_KIND),
    slaveKind: info?.string(kernel.IFLA_INFO_SLAVE_KIND),
    type: header.getUint16(2, true),
    ...decodeFlags(header.getUint32(8, true)),
    operstate: OPERSTATES[attributes.u8(kernel.IFLA_OPERSTATE) ?? 0] ?? 'unknown',
    mtu: attributes.u32(kernel.IFLA_MTU) ?? 0,
    address: hardwareAddress(attributes, kernel.IFLA_ADDRESS),
    broadcast: hardwareAddress(attributes, kernel.IFLA_BROADCAST),
    txqlen: attributes.u32(kernel.IFLA_TXQLEN) ?? 0,
    masterIfindex: attributes.u32(kernel.IFLA_MASTER),
    linkIfindex: attributes.u32(kernel.IFLA_LINK),
    linkNetnsid: attributes.i32(kernel.IFLA_LINK_NETNSID),
    group: attributes.u32(kernel.IFLA_GROUP) ?? 0,
    numTxQueues: attributes.u32(kernel.IFLA_NUM_TX_QUEUES) ?? 1,
    numRxQueues: attributes.u32(kernel.IFLA_NUM_RX_QUEUES) ?? 1,
    qdisc: attributes.string(kernel.IFLA_QDISC),
    stats: stats && decodeLinkStats(stats),
  };
}

function decodeFlags(
  flags: number,
): Pick<Link, 'flags' | 'up' | 'carrier' | 'loopback' | 'pointToPoint' | 'noArp'> {
  return {
    flags,
    up: (flags & kernel.IFF_UP) !== 0,
    carrier: (flags & kernel.IFF_LOWER_UP) !== 0,
    loopback: (flags & kernel.IFF_LOOPBACK) !== 0,
    pointToPoint: (flags & kernel.IFF_POINTOPOINT) !== 0,
    noArp: (flags & kernel.IFF_NOARP) !== 0,
  };
}

const utf8 = new TextDecoder();

function alternativeNames(attributes: Attributes): string[] {
  const list = attributes.bytes(kernel.IFLA_PROP_LIST);
  if (!list) return [];
  return Attributes.entries(list)
    .filter(({ type }) => type === kernel.IFLA_ALT_IFNAME)
    .map(({ payload }) => utf8.decode(payload).replace(/\0.*$/s, ''));
}

function hardwareAddress(attributes: Attributes, type: number): string | undefined {
  const bytes = attributes.bytes(type);
  return bytes?.length ? formatMacAddress(bytes) : undefined;
}
