import { ADD, CHANGE, REPLACE, type Request } from '../netlink/request.ts';
import { Writer } from '../netlink/writer.ts';
import { addressFamily } from './address-family.ts';
import { type IpAddress, type IpFamily, parseIpAddress } from './ip-address.ts';
import { formatIpPrefix, type IpPrefix, networkOf, parseIpPrefix } from './ip-prefix.ts';
import * as kernel from './route-message.ts';

/** One way of a multipath route. */
export interface NewNexthop {
  readonly gateway?: string;
  readonly ifindex?: number;
  /** 1 to 256; 1 by default. */
  readonly weight?: number;
  /** Takes the gateway for a neighbour on the interface though no address says so. */
  readonly onlink?: boolean;
}

/** A route to make. */
export interface NewRoute {
  /** `10.1.0.0/16`, or `0.0.0.0/0` and `::/0` for the default route; host bits are cleared. */
  readonly destination: string;
  /** `unicast` by default; `blackhole`, `unreachable` and `prohibit` need nothing else. */
  readonly type?: kernel.RouteType;
  /** May be an IPv6 address for an IPv4 destination (RTA_VIA). */
  readonly gateway?: string;
  /** Outgoing interface. */
  readonly ifindex?: number;
  /** Smaller is preferred. IPv4 0, IPv6 1024 by default. */
  readonly metric?: number;
  /** The source address for packets of this host's own. */
  readonly preferredSource?: string;
  /** The main table (254) by default. */
  readonly table?: number;
  /** RTPROT_*: who made it; RTPROT_BOOT (3) by default, as in iproute2. */
  readonly protocol?: number;
  /** Bytes. */
  readonly mtu?: number;
  /** Takes the gateway for a neighbour on the interface though no address says so. */
  readonly onlink?: boolean;
  /** Makes the route multipath; in place of `gateway` and `ifindex`. */
  readonly nexthops?: readonly NewNexthop[];
}

/** Adds a route; EEXIST where its table has one of the same destination and metric. */
export function addRoute(route: NewRoute): Request {
  return newRoute('add', ADD, route);
}

/**
 * Adds a route or replaces the one of the same destination and metric. One with another metric
 * stays beside it.
 */
export function replaceRoute(route: NewRoute): Request {
  return newRoute('replace', REPLACE, route);
}

/** Which route to delete: what is left out matches any, but `table` is the main one by default. */
export type RouteToDelete = Pick<
  NewRoute,
  'destination' | 'gateway' | 'ifindex' | 'metric' | 'table' | 'nexthops'
>;

/**
 * Deletes the first route that matches; ESRCH where none does. Of a multipath IPv6 route, a
 * gateway takes that one way out, no gateway takes them all.
 */
export function deleteRoute(route: RouteToDelete): Request {
  const destination = parseIpPrefix(route.destination);
  return routeRequest('delete', kernel.RTM_DELROUTE, CHANGE, route, destination, {
    protocol: kernel.RTPROT_UNSPEC,
    // IPv4 takes this scope, and only this one, for "any".
    scope: destination.family === 4 ? kernel.RT_SCOPE_NOWHERE : kernel.RT_SCOPE_UNIVERSE,
    type: 0,
  });
}

interface RouteHeader {
  readonly protocol: number;
  readonly scope: number;
  readonly type: number;
}

function newRoute(verb: string, flags: number, route: NewRoute): Request {
  const destination = parseIpPrefix(route.destination);
  const { type = 'unicast', protocol = kernel.RTPROT_BOOT } = route;
  return routeRequest(verb, kernel.RTM_NEWROUTE, flags, route, destination, {
    protocol,
    scope: scopeOf(route, destination.family),
    type: kernel.ROUTE_TYPES.indexOf(type),
  });
}

/** IPv4 calls a route without a gateway link-scoped; IPv6 knows no scopes of routes. */
function scopeOf({ type = 'unicast', gateway, nexthops }: NewRoute, family: IpFamily): number {
  const direct = gateway === undefined && nexthops === undefined;
  const linkScoped = family === 4 && type === 'unicast' && direct;
  return linkScoped ? kernel.RT_SCOPE_LINK : kernel.RT_SCOPE_UNIVERSE;
}

function routeRequest(
  verb: string,
  type: number,
  flags: number,
  route: NewRoute,
  destination: IpPrefix,
  header: RouteHeader,
): Request {
  const { prefixLength } = destination;
  const network = networkOf(destination);
  const { table = kernel.RT_TABLE_MAIN } = route;
  const writer = new Writer()
    .u8(addressFamily(destination.family))
    .u8(prefixLength)
    .zeros(2)
    .u8(table <= 255 ? table : 0)
    .u8(header.protocol)
    .u8(header.scope)
    .u8(header.type)
    .u32(route.onlink ? kernel.RTNH_F_ONLINK : 0);
  if (prefixLength > 0) writer.attributeBytes(kernel.RTA_DST, network);
  routeAttributes(writer, route, destination.family);
  return {
    operation: `${verb} route`,
    target: formatIpPrefix(network, prefixLength),
    type,
    flags,
    body: writer.finish(),
  };
}

function routeAttributes(writer: Writer, route: NewRoute, family: IpFamily): void {
  const { gateway, metric, preferredSource, table, ifindex, mtu, nexthops } = route;
  if (gateway !== undefined) gatewayAttribute(writer, parseIpAddress(gateway), family);
  if (metric !== undefined) writer.attributeU32(kernel.RTA_PRIORITY, metric);
  if (preferredSource !== undefined) {
    writer.attributeBytes(kernel.RTA_PREFSRC, parseIpAddress(preferredSource).bytes);
  }
  if (table !== undefined && table > 255) writer.attributeU32(kernel.RTA_TABLE, table);
  if (ifindex !== undefined) writer.attributeU32(kernel.RTA_OIF, ifindex);
  if (mtu !== undefined) {
    writer.attribute(kernel.RTA_METRICS, (w) => w.attributeU32(kernel.RTAX_MTU, mtu));
  }
  if (nexthops) {
    writer.attribute(kernel.RTA_MULTIPATH, (w) => {
      for (const hop of nexthops) w.raw(encodeNexthop(hop, family));
    });
  }
}

function encodeNexthop(hop: NewNexthop, family: IpFamily): Uint8Array {
  const { gateway, ifindex = 0, weight = 1, onlink = false } = hop;
  const attributes = new Writer();
  if (gateway !== undefined) gatewayAttribute(attributes, parseIpAddress(gateway), family);
  return new Writer()
    .u16(kernel.RTNEXTHOP_LENGTH + attributes.length)
    .u8(onlink ? kernel.RTNH_F_ONLINK : 0)
    .u8(weight - 1)
    .i32(ifindex)
    .raw(attributes.finish())
    .finish();
}

function gatewayAttribute(writer: Writer, gateway: IpAddress, family: IpFamily): void {
  if (gateway.family === family) {
    writer.attributeBytes(kernel.RTA_GATEWAY, gateway.bytes);
  } else {
    const number = addressFamily(gateway.family);
    writer.attribute(kernel.RTA_VIA, (w) => w.u16(number).raw(gateway.bytes));
  }
}
