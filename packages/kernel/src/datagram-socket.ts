import { EADDRINUSE, EAGAIN, ENOBUFS } from './errno.ts';
import { check, KernelError } from './errors.ts';
import { bindToInterface, openBoundSocket } from './inet-socket.ts';
import * as libc from './libc.ts';
import type { NetworkNamespace } from './netns/network-namespace.ts';
import { formatIpAddress, parseIpAddress } from './route/ip-address.ts';
import { encodeSocketAddress } from './socket-address.ts';

const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_NO_CHECK = 11;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
/** linux/udp.h */
const IPPROTO_UDP = 17;
const UDP_NO_CHECK6_TX = 101;
const UDP_NO_CHECK6_RX = 102;

const MSG_DONTWAIT = 0x40;
const MSG_TRUNC = 0x20;
const MSG_PEEK = 2;

/** `struct msghdr` of 64-bit architectures. */
const MSGHDR_LENGTH = 56;
const SOCKADDR_LENGTH = 28;

const FIRST_PORT = 32_768;
const PORTS = 28_232;
const ATTEMPTS = 20;

/** A UDP socket for one other end, which may have to be found out; a SocketReader can receive from it. */
export interface DatagramSocket {
  /** The caller owns it. */
  readonly fd: number;
  readonly port: number;
  /** From then on it sends there, and receives from there alone. @throws {KernelError} ENETUNREACH */
  connect(address: string, port: number): void;
  /** Whether it was taken; not where a queue is full. @throws {KernelError} */
  send(bytes: Uint8Array): boolean;
  /** Who sent the datagram that is to be received next; undefined where there is none. */
  sender(): { readonly address: string; readonly port: number } | undefined;
  close(): void;
}

/** How a datagram socket differs from an ordinary one. */
export interface DatagramSocketOptions {
  /** Where it receives; `0.0.0.0` or `::` for all. */
  readonly address: string;
  /** The only interface by which it sends and receives. */
  readonly interface?: string | undefined;
  /** Room for what waits to be sent and to be received; the kernel's default if absent. */
  readonly bufferBytes?: number;
  /** Neither makes nor checks checksums, so that what was damaged on the way arrives. */
  readonly noChecksum?: boolean;
}

/**
 * Opens a UDP socket inside `namespace`, bound to a port that is free.
 *
 * @throws {KernelError} EADDRNOTAVAIL, ENODEV
 */
export function openDatagramSocket(
  namespace: NetworkNamespace,
  { address, interface: name, bufferBytes, noChecksum }: DatagramSocketOptions,
): DatagramSocket {
  const { fd, port } = openAnywhere(namespace, address);
  try {
    if (name !== undefined) bindToInterface(fd, name);
    if (bufferBytes !== undefined) setBuffers(fd, bufferBytes);
    if (noChecksum) leaveOutChecksums(fd, address);
  } catch (error) {
    libc.close(fd);
    throw error;
  }
  return {
    fd,
    port,
    connect: (to, toPort) => {
      check(libc.connect(fd, encodeSocketAddress(parseIpAddress(to), toPort)), 'connect', to);
    },
    send: (bytes) => {
      const sent = libc.send(fd, bytes, bytes.length, MSG_DONTWAIT);
      if (sent === -EAGAIN || sent === -ENOBUFS) return false;
      check(sent, 'send datagram', `from ${address} port ${port}`);
      return true;
    },
    sender: () => senderOf(fd),
    close: () => void libc.close(fd),
  };
}

function openAnywhere(
  namespace: NetworkNamespace,
  address: string,
): { readonly fd: number; readonly port: number } {
  for (let attempt = 1; ; attempt++) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    try {
      return { fd: openBoundSocket(namespace, 'datagram', address, port), port };
    } catch (error) {
      const isTaken = error instanceof KernelError && error.errno === EADDRINUSE;
      if (!isTaken || attempt === ATTEMPTS) throw error;
    }
  }
}

/** Beyond the host's limits where this process may. */
function setBuffers(fd: number, bytes: number): void {
  for (const [force, plain] of [
    [SO_SNDBUFFORCE, SO_SNDBUF],
    [SO_RCVBUFFORCE, SO_RCVBUF],
  ] as const) {
    if (libc.setsockoptInt(fd, SOL_SOCKET, force, bytes) >= 0) continue;
    check(libc.setsockoptInt(fd, SOL_SOCKET, plain, bytes), 'configure socket', fd);
  }
}

function leaveOutChecksums(fd: number, address: string): void {
  if (!address.includes(':')) {
    check(libc.setsockoptInt(fd, SOL_SOCKET, SO_NO_CHECK, 1), 'configure socket', fd);
    return;
  }
  for (const option of [UDP_NO_CHECK6_TX, UDP_NO_CHECK6_RX]) {
    check(libc.setsockoptInt(fd, IPPROTO_UDP, option, 1), 'configure socket', fd);
  }
}

function senderOf(fd: number): { readonly address: string; readonly port: number } | undefined {
  const name = new DataView(new ArrayBuffer(SOCKADDR_LENGTH));
  const header = new DataView(new ArrayBuffer(MSGHDR_LENGTH));
  const nameBytes = new Uint8Array(name.buffer);
  const headerBytes = new Uint8Array(header.buffer);
  header.setBigUint64(0, BigInt(libc.addressOf(nameBytes)), true);
  header.setUint32(8, SOCKADDR_LENGTH, true);
  const flags = MSG_DONTWAIT | MSG_TRUNC | MSG_PEEK;
  const length = libc.recvmsgAt(fd, libc.addressOf(headerBytes), flags);
  // Read after the call, which also keeps the memory until then.
  const nameLength = new DataView(headerBytes.buffer).getUint32(8, true);
  if (length < 0) return undefined;
  const isIpv4 = nameLength === 16;
  const bytes = isIpv4 ? nameBytes.slice(4, 8) : nameBytes.slice(8, 24);
  return { address: formatIpAddress(bytes), port: name.getUint16(2) };
}
