import { check } from './errors.ts';
import * as libc from './libc.ts';
import type { NetworkNamespace } from './netns/network-namespace.ts';
import { AF_INET, AF_INET6 } from './route/address-family.ts';
import { type IpFamily, parseIpAddress } from './route/ip-address.ts';
import { encodeSocketAddress } from './socket-address.ts';

const SOCKET_TYPES = { stream: 1, datagram: 2 } as const;
const SOCK_NONBLOCK = 0x800;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_BINDTODEVICE = 25;
/** asm-generic/ioctls.h */
const FIOCLEX = 0x5451;

/**
 * Opens a TCP (`stream`) or UDP (`datagram`) socket inside `namespace`, as a descriptor for `net.Socket`.
 * It never blocks; the caller owns it.
 */
export function openInetSocket(
  namespace: NetworkNamespace,
  family: IpFamily,
  type: keyof typeof SOCKET_TYPES,
): number {
  return namespace.socket(family === 4 ? AF_INET : AF_INET6, SOCKET_TYPES[type] | SOCK_NONBLOCK);
}

/**
 * Opens a socket inside `namespace` that is bound to an address, as a descriptor for `net.Server.listen` or
 * `dgram.Socket.bind`. Port 0 takes one that is free. `::` takes IPv4 too. As in Node, a TCP port
 * whose former connections have not timed out is free (SO_REUSEADDR).
 *
 * @throws {KernelError} EADDRINUSE; EADDRNOTAVAIL where the namespace has no such address
 * @throws InvalidValueError for what is no IP address
 */
export function openBoundSocket(
  namespace: NetworkNamespace,
  type: keyof typeof SOCKET_TYPES,
  address: string,
  port: number,
): number {
  const local = parseIpAddress(address);
  const fd = openInetSocket(namespace, local.family, type);
  try {
    if (type === 'stream') {
      check(libc.setsockoptInt(fd, SOL_SOCKET, SO_REUSEADDR, 1), 'configure socket', address);
    }
    check(libc.bind(fd, encodeSocketAddress(local, port)), 'bind', `${address} port ${port}`);
    return fd;
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/**
 * Makes a socket send and receive by one interface of its namespace alone (socket(7), SO_BINDTODEVICE).
 * @throws {KernelError} ENODEV; EPERM without CAP_NET_RAW on kernels before 5.7
 */
export function bindToInterface(fd: number, name: string): void {
  const value = new TextEncoder().encode(`${name}\0`);
  check(libc.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, value), 'bind to interface', name);
}

/**
 * Makes a socket that this process was started with its own: what it starts will not have it.
 * @throws {KernelError} EBADF
 */
export function adoptSocket(fd: number): void {
  check(libc.ioctl(fd, FIOCLEX, null), 'adopt socket', fd);
}
