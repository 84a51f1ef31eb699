import { getRoute, KernelError, type NetlinkSocket } from '@netweir/kernel';

/** Where packets for an address go next. */
export interface NextHop {
  readonly ifindex: number;
  /** The next router, or the address itself where no router is needed. */
  readonly address: string;
  /** The address that packets of this space start with. */
  readonly source: string | undefined;
}

/**
 * Where a space sends packets for an address, by the interface `ifindex` where one is given; undefined where
 * no route leads there.
 *
 * @throws {KernelError} for anything but the lack of a route
 */
export function nextHopTo(
  netlink: NetlinkSocket,
  address: string,
  ifindex?: number,
): NextHop | undefined {
  try {
    const [route] = netlink.query(getRoute(address, ifindex));
    if (route?.ifindex === undefined) return undefined;
    const { gateway, preferredSource } = route;
    return { ifindex: route.ifindex, address: gateway ?? address, source: preferredSource };
  } catch (error) {
    if (error instanceof KernelError && NO_ROUTE.has(error.errnoName)) return undefined;
    throw error;
  }
}

const NO_ROUTE: ReadonlySet<string> = new Set([
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENETDOWN',
  'EACCES',
  'EINVAL',
]);
