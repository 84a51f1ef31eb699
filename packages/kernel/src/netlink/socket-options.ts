import { check } from '../errors.ts';
import * as libc from '../libc.ts';

export const AF_NETLINK = 16;
const SOCK_RAW = 3;
export const SOCK_CLOEXEC = 0x80000;
export const NETLINK_ROUTE = 0;

export const SOL_NETLINK = 270;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const NETLINK_GET_STRICT_CHK = 12;

const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const SO_NETNS_COOKIE = 71;

/** The kernel keeps this much of the send buffer to itself (`netlink_sendmsg`). */
const SEND_OVERHEAD = 32;

/** An AF_NETLINK socket in the calling thread's network namespace. */
export function openNetlink(protocol: number): number {
  const type = SOCK_RAW | SOCK_CLOEXEC;
  return check(libc.socket(AF_NETLINK, type, protocol), 'open netlink socket', protocol);
}

/** Sets what every request socket wants; options younger than the kernel are left out. */
export function setRequestOptions(fd: number): void {
  for (const option of [NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK]) {
    libc.setsockoptInt(fd, SOL_NETLINK, option, 1);
  }
}

/**
 * Raises the limit of the receive queue. Beyond net.core.rmem_max that takes CAP_NET_ADMIN in the
 * initial user namespace; without it the limit goes as far as that.
 */
export function raiseReceiveLimit(fd: number, bytes: number): void {
  if (libc.setsockoptInt(fd, SOL_SOCKET, SO_RCVBUFFORCE, bytes) >= 0) return;
  check(libc.setsockoptInt(fd, SOL_SOCKET, SO_RCVBUF, bytes), 'set receive buffer', fd);
}

/**
 * Raises the limit of one send to `bytes` at least; without CAP_NET_ADMIN in the initial user namespace
 * it goes as far as net.core.wmem_max.
 */
export function raiseSendLimit(fd: number, bytes: number): void {
  if (sendLimit(fd) >= bytes) return;
  const wanted = bytes + SEND_OVERHEAD;
  if (libc.setsockoptInt(fd, SOL_SOCKET, SO_SNDBUFFORCE, wanted) >= 0) return;
  check(libc.setsockoptInt(fd, SOL_SOCKET, SO_SNDBUF, wanted), 'set send buffer', fd);
}

/**
 * The number of the namespace that a socket is in, which no other gets before the next boot; undefined before
 * Linux 5.14, which knows none.
 */
export function namespaceCookie(fd: number): bigint | undefined {
  const value = new Uint8Array(8);
  if (libc.getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, value) < 0) return undefined;
  return new DataView(value.buffer).getBigUint64(0, true);
}

/** The most bytes that one send may carry. */
export function sendLimit(fd: number): number {
  const value = new Uint8Array(4);
  check(libc.getsockopt(fd, SOL_SOCKET, SO_SNDBUF, value), 'get send buffer', fd);
  return new DataView(value.buffer).getInt32(0, true) - SEND_OVERHEAD;
}
