import { Attributes } from '../netlink/attributes.ts';
import type { Message, Query } from '../netlink/request.ts';
import { align4, Writer } from '../netlink/writer.ts';
import { addressFamily, ipFamily, unspecifiedAddress } from './address-family.ts';
import { bodyView } from './body-view.ts';
import { formatIpAddress, type IpFamily, parseIpAddress } from './ip-address.ts';
import { formatIpPrefix } from './ip-prefix.ts';
import { unlessMalformed } from './malformed.ts';
import * as kernel from './route-message.ts';

/** One way of a multipath route. */
export interface RouteNexthop {
  readonly gateway: string | undefined;
  readonly ifindex: number;
  /** Share of the flows among the ways: 1 to 256. */
  readonly weight: number;
  readonly onlink: boolean;
}

/** A route as the kernel describes it. */
export interface Route {
  readonly family: IpFamily;
  readonly type: kernel.RouteType;
  /** `10.1.0.0/16`; of a default route `0.0.0.0/0` or `::/0`. */
  readonly destination: string;
  /** IPv6: the prefix that a packet's source must have. */
  readonly source: string | undefined;
  /** Of another family than the destination's where RTA_VIA says so. */
  readonly gateway: string | undefined;
  /** Outgoing interface. */
  readonly ifindex: number | undefined;
  /** RTA_PRIORITY, which iproute2 calls metric. */
  readonly metric: number;
  /** The source address for packets of this host's own. */
  readonly preferredSource: string | undefined;
  readonly table: number;
  /** RTPROT_*: who made it; 2 the kernel, 3 boot (iproute2), 4 static. */
  readonly protocol: number;
  readonly scope: number;
  /** Bytes, where the route has an MTU of its own. */
  readonly mtu: number | undefined;
  readonly onlink: boolean;
  /** Empty unless the route is multipath. */
  readonly nexthops: readonly RouteNexthop[];
  /** RTNH_F_* and RTM_F_* of linux/rtnetlink.h. */
  readonly flags: number;
}

/** What an RTM_NEWROUTE or RTM_DELROUTE notification says. */
export interface RouteEvent {
  readonly deleted: boolean;
  readonly route: Route;
}

/** Reads a route notification. A link that goes down takes IPv4 routes along without any. */
export function parseRouteMessage({ type, body }: Message): RouteEvent | undefined {
  if (type !== kernel.RTM_NEWROUTE && type !== kernel.RTM_DELROUTE) return undefined;
  const route = unlessMalformed(() => decodeRoute(body));
  return route && { deleted: type === kernel.RTM_DELROUTE, route };
}

/** A dump of the routes of all tables, of one family or of both. */
export function dumpRoutes({ family }: { family?: IpFamily } = {}): Query<Route> {
  return {
    operation: 'dump routes',
    target: family === undefined ? 'all families' : `IPv${family}`,
    type: kernel.RTM_GETROUTE,
    flags: 0,
    body: new Writer()
      .u8(addressFamily(family))
      .zeros(kernel.RTMSG_LENGTH - 1)
      .finish(),
    parse: parseRoute,
  };
}

/**
 * The route that a packet of this host to `destination` would take, by the interface `ifindex` where one is
 * given: `ip route get`.
 */
export function getRoute(destination: string, ifindex?: number): Query<Route> {
  const { family, bytes } = parseIpAddress(destination);
  // IPv6 always says which table it was, and refuses the flag that makes IPv4 say so.
  const flags = family === 4 ? kernel.RTM_F_LOOKUP_TABLE : 0;
  const header = new Writer()
    .u8(addressFamily(family))
    .u8(8 * bytes.length)
    .zeros(6)
    .u32(flags);
  return {
    operation: 'get route',
    target: destination,
    type: kernel.RTM_GETROUTE,
    flags: 0,
    body: (ifindex === undefined
      ? header.attributeBytes(kernel.RTA_DST, bytes)
      : header.attributeBytes(kernel.RTA_DST, bytes).attributeU32(kernel.RTA_OIF, ifindex)
    ).finish(),
    parse: parseRoute,
  };
}

function parseRoute(message: Message): Route | undefined {
  const event = parseRouteMessage(message);
  return event?.deleted === false ? event.route : undefined;
}

function decodeRoute(body: Uint8Array): Route | undefined {
  const header = bodyView(body);
  const attributes = Attributes.read(body, kernel.RTMSG_LENGTH);
  const family = ipFamily(header.getUint8(0));
  if (family === undefined) return undefined;
  const destination = attributes.bytes(kernel.RTA_DST) ?? unspecifiedAddress(family);
  const source = attributes.bytes(kernel.RTA_SRC);
  const preferredSource = attributes.bytes(kernel.RTA_PREFSRC);
  const multipath = attributes.bytes(kernel.RTA_MULTIPATH);
  const flags = header.getUint32(8, true);
  return {
    family,
    type: kernel.ROUTE_TYPES[header.getUint8(7)] ?? 'unspec',
    destination: formatIpPrefix(destination, header.getUint8(1)),
    source: source && formatIpPrefix(source, header.getUint8(2)),
    gateway: gatewayOf(attributes),
    ifindex: attributes.u32(kernel.RTA_OIF),
    metric: attributes.u32(kernel.RTA_PRIORITY) ?? 0,
    preferredSource: preferredSource && formatIpAddress(preferredSource),
    table: attributes.u32(kernel.RTA_TABLE) ?? header.getUint8(4),
    protocol: header.getUint8(5),
    scope: header.getUint8(6),
    mtu: attributes.nested(kernel.RTA_METRICS)?.u32(kernel.RTAX_MTU),
    onlink: (flags & kernel.RTNH_F_ONLINK) !== 0,
    nexthops: multipath ? [...decodeNexthops(multipath)] : [],
    flags,
  };
}

function gatewayOf(attributes: Attributes): string | undefined {
  // RTA_VIA is a 16-bit family and the address.
  const gateway =
    attributes.bytes(kernel.RTA_GATEWAY) ?? attributes.bytes(kernel.RTA_VIA)?.subarray(2);
  return gateway && formatIpAddress(gateway);
}

function* decodeNexthops(bytes: Uint8Array): Generator<RouteNexthop> {
  let at = 0;
  while (at + kernel.RTNEXTHOP_LENGTH <= bytes.length) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
    const length = view.getUint16(0, true);
    if (length < kernel.RTNEXTHOP_LENGTH || at + length > bytes.length) return;
    const hop = bytes.subarray(at, at + length);
    yield {
      gateway: gatewayOf(Attributes.read(hop, kernel.RTNEXTHOP_LENGTH)),
      ifindex: view.getInt32(4, true),
      weight: view.getUint8(3) + 1,
      onlink: (view.getUint8(2) & kernel.RTNH_F_ONLINK) !== 0,
    };
    at += align4(length);
  }
}
