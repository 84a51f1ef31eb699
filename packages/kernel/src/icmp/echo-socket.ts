import { check } from '../errors.ts';
import { bindToInterface } from '../inet-socket.ts';
import * as libc from '../libc.ts';
import type { NetworkNamespace } from '../netns/network-namespace.ts';
import { AF_INET, AF_INET6 } from '../route/address-family.ts';
import { parseIpAddress } from '../route/ip-address.ts';
import { encodeSocketAddress } from '../socket-address.ts';
import { type Echo, encodeEchoRequest } from './echo-packet.ts';

const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0x800;
const IPPROTO_ICMP = 1;
const IPPROTO_ICMPV6 = 58;

const SOL_RAW = 255;
const ICMP_FILTER = 1;
const ICMP6_FILTER = 1;
const ICMP_ECHOREPLY = 0;
const ICMPV6_ECHO_REPLY = 129;
const ICMP6_FILTER_WORDS = 8;

/** Bytes behind the header, as ping sends. */
const PAYLOAD = new Uint8Array(56);

/** Sends echo requests to one address from inside a namespace; a SocketReader receives the replies. */
export interface EchoSocket {
  /** The caller owns it. */
  readonly fd: number;
  /** @throws {KernelError} ENETUNREACH, EHOSTUNREACH, ENOBUFS and the like */
  send(echo: Echo): void;
}

/**
 * Opens a raw ICMP or ICMPv6 socket inside `namespace` that is connected to `address` and receives
 * nothing but echo replies from it, by the interface `name` alone where one is given. Needs CAP_NET_RAW.
 *
 * @throws {KernelError} EPERM; ENETUNREACH where no route leads to the address; ENODEV
 * @throws InvalidValueError for what is no IP address
 */
export function openEchoSocket(
  namespace: NetworkNamespace,
  address: string,
  name?: string,
): EchoSocket {
  const destination = parseIpAddress(address);
  const { family } = destination;
  const isIpv4 = family === 4;
  const protocol = isIpv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
  const fd = namespace.socket(isIpv4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_NONBLOCK, protocol);
  try {
    check(isIpv4 ? filterIcmp(fd) : filterIcmpv6(fd), 'filter ICMP for', address);
    if (name !== undefined) bindToInterface(fd, name);
    check(libc.connect(fd, encodeSocketAddress(destination, 0)), 'connect', address);
  } catch (error) {
    libc.close(fd);
    throw error;
  }
  return {
    fd,
    send: (echo) => {
      const packet = encodeEchoRequest(family, echo, PAYLOAD);
      check(libc.send(fd, packet, packet.length, 0), 'send echo request', address);
    },
  };
}

/** `struct icmp_filter`: a set bit blocks a type. */
function filterIcmp(fd: number): number {
  return libc.setsockoptInt(fd, SOL_RAW, ICMP_FILTER, ~(1 << ICMP_ECHOREPLY));
}

/** `struct icmp6_filter` (linux/icmpv6.h): 256 bits, a set bit blocks a type. */
function filterIcmpv6(fd: number): number {
  const filter = new Uint32Array(ICMP6_FILTER_WORDS).fill(0xffff_ffff);
  filter[ICMPV6_ECHO_REPLY >> 5] = ~(1 << (ICMPV6_ECHO_REPLY & 31)) >>> 0;
  return libc.setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, new Uint8Array(filter.buffer));
}
