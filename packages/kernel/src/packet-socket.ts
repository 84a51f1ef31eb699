import { EPERM } from './errno.ts';
import { check } from './errors.ts';
import * as libc from './libc.ts';
import type { NetworkNamespace } from './netns/network-namespace.ts';
import { sockaddrLl } from './packet-address.ts';

const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0x800;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_SNDBUFFORCE = 32;
const SO_MARK = 36;

// linux/if_packet.h
const SOL_PACKET = 263;
const PACKET_VNET_HDR = 15;
const PACKET_QDISC_BYPASS = 20;

const SEND_BUFFER_BYTES = 16 << 20;

/**
 * Opens a packet socket in `namespace` that sends whole Ethernet frames on one interface, each behind
 * a `struct virtio_net_hdr` of 10 bytes. It receives nothing and never blocks: ENOBUFS says that a
 * frame was dropped, EAGAIN that too many are on their way, EINVAL that frame and header do not fit
 * together, ENETDOWN and ENXIO that the interface is down or gone. The caller owns the descriptor,
 * which keeps the namespace alive. Needs CAP_NET_RAW and CAP_NET_ADMIN.
 *
 * Frames with a `mark` (SO_MARK) take the way of all others: they are seen by captures and egress
 * filters, and queued by the interface's own qdisc. Those without pass by all of that
 * (PACKET_QDISC_BYPASS). In the namespace of an ordinary user the send buffer is what the system allows.
 *
 * @throws {KernelError} EPERM; ENODEV where there is no such interface
 */
export function openPacketSender(
  namespace: NetworkNamespace,
  ifindex: number,
  mark: number | undefined,
): number {
  const fd = namespace.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK);
  try {
    const target = `interface ${ifindex}`;
    const set = (level: number, name: number, value: number): number =>
      check(libc.setsockoptInt(fd, level, name, value), 'configure packet socket', target);
    set(SOL_PACKET, PACKET_VNET_HDR, 1);
    if (mark === undefined) set(SOL_PACKET, PACKET_QDISC_BYPASS, 1);
    else set(SOL_SOCKET, SO_MARK, mark);
    const forced = libc.setsockoptInt(fd, SOL_SOCKET, SO_SNDBUFFORCE, SEND_BUFFER_BYTES);
    if (forced === -EPERM) set(SOL_SOCKET, SO_SNDBUF, SEND_BUFFER_BYTES);
    else check(forced, 'configure packet socket', target);
    check(libc.bind(fd, sockaddrLl(ifindex)), 'bind packet socket', target);
    return fd;
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}
