import { check } from '../errors.ts';
import * as libc from '../libc.ts';
import type { NetworkNamespace } from '../netns/network-namespace.ts';
import {
  AF_NETLINK,
  NETLINK_ROUTE,
  openNetlink,
  raiseReceiveLimit,
  SOL_NETLINK,
} from './socket-options.ts';

/** Multicast groups of NETLINK_ROUTE (linux/rtnetlink.h). */
export const RTNLGRP_LINK = 1;
export const RTNLGRP_NEIGH = 3;
export const RTNLGRP_TC = 4;
export const RTNLGRP_IPV4_IFADDR = 5;
export const RTNLGRP_IPV4_ROUTE = 7;
export const RTNLGRP_IPV4_RULE = 8;
export const RTNLGRP_IPV6_IFADDR = 9;
export const RTNLGRP_IPV6_ROUTE = 11;
export const RTNLGRP_IPV6_RULE = 19;
export const RTNLGRP_NSID = 28;

const NETLINK_ADD_MEMBERSHIP = 1;
/** A limit, not memory: enough for the events of some thousand interfaces at once. */
const RECEIVE_LIMIT = 0x800000;

/** `struct sockaddr_nl` with neither port nor groups. */
const ANY_PORT = Uint8Array.of(AF_NETLINK, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

/**
 * Opens an rtnetlink socket inside `namespace` that receives the events of `groups`, for a
 * SocketReader. The caller owns the descriptor, which keeps the namespace alive.
 * @throws {KernelError}
 */
export function openMonitor(namespace: NetworkNamespace, groups: readonly number[]): number {
  const fd = namespace.run(() => openNetlink(NETLINK_ROUTE));
  try {
    raiseReceiveLimit(fd, RECEIVE_LIMIT);
    // Events pass over a socket without a port of its own, which binding to port 0 gives.
    check(libc.bind(fd, ANY_PORT), 'bind monitor socket', namespace.key);
    for (const group of groups) {
      const joined = libc.setsockoptInt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
      check(joined, 'join multicast group', group);
    }
    return fd;
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}
