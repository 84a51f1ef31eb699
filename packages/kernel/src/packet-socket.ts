import { check } from './errors.ts';
import * as libc from './libc.ts';
import type { NetworkNamespace } from './netns/network-namespace.ts';
import { sockaddrLl } from './packet-address.ts';

const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0x800;
const SOL_SOCKET = 1;
const SO_SNDBUFFORCE = 32;
const SO_MARK = 36;

// linux/if_packet.h
const SOL_PACKET = 263;
const PACKET_VNET_HDR = 15;

const SEND_BUFFER_BYTES = 16 << 20;

/**
 * Opens a packet socket in `namespace` that sends whole Ethernet frames on one interface, each behind
 * a `struct virtio_net_hdr` of 10 bytes. It receives nothing and never blocks: ENOBUFS says that a
 * frame was dropped, EAGAIN that too many are on their way, EINVAL that frame and header do not fit
 * together, ENETDOWN and ENXIO that the interface is down or gone. The caller owns the descriptor,
 * which keeps the namespace alive. Needs CAP_NET_RAW and CAP_NET_ADMIN.
 *
 * Frames bear `mark` (SO_MARK) and take the way of all others: they are seen by captures and egress
 * filters, and queued by the interface's own qdisc.
 *
 * @throws {KernelError} EPERM; ENODEV where there is no such interface
 */
export function openPacketSender(
  namespace: NetworkNamespace,
  ifindex: number,
  mark: number,
): number {
  const fd = namespace.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK);
  try {
    const target = `interface ${ifindex}`;
    const set = (level: number, name: number, value: number): number =>
      check(libc.setsockoptInt(fd, level, name, value), 'configure packet socket', target);
    set(SOL_PACKET, PACKET_VNET_HDR, 1);
    set(SOL_SOCKET, SO_MARK, mark);
    set(SOL_SOCKET, SO_SNDBUFFORCE, SEND_BUFFER_BYTES);
    check(libc.bind(fd, sockaddrLl(ifindex)), 'bind packet socket', target);
    return fd;
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}
