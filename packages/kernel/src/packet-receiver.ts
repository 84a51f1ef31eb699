import { EPERM } from './errno.ts';
import { check } from './errors.ts';
import * as libc from './libc.ts';
import type { NetworkNamespace } from './netns/network-namespace.ts';
import { sockaddrLl } from './packet-address.ts';

const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0x800;
const ETH_P_ALL = 0x0003;

// asm-generic/socket.h
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_ATTACH_FILTER = 26;
const SO_RCVBUFFORCE = 33;
const SO_TIMESTAMPNS_NEW = 64;

// linux/if_packet.h
const SOL_PACKET = 263;
const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_STATISTICS = 6;
const PACKET_AUXDATA = 8;
const PACKET_MR_ALLMULTI = 2;
const PACKET_MREQ_LENGTH = 16;

/** `struct sock_filter` of linux/filter.h: BPF_RET | BPF_K with 0, which takes nothing. */
const TAKE_NOTHING = Uint8Array.of(0x06, 0, 0, 0, 0, 0, 0, 0);
const SOCK_FPROG_LENGTH = 16;
const TPACKET_STATS_LENGTH = 8;

/**
 * Opens a packet socket in `namespace` that receives a copy of every packet that passes an interface, in
 * both directions, for `SocketReader.addPackets`. `bufferBytes` is what its queue holds at most, or
 * net.core.rmem_max where only that is allowed; what comes while it is full is lost, and counted by
 * `packetLosses`. While the interface is down it receives
 * nothing. The caller owns the descriptor, which keeps the namespace alive.
 *
 * @throws {KernelError} EPERM without CAP_NET_RAW; ENODEV where there is no such interface
 */
export function openPacketReceiver(
  namespace: NetworkNamespace,
  ifindex: number,
  bufferBytes: number,
): number {
  // Protocol 0 receives nothing before it is bound to the interface.
  const fd = namespace.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK);
  try {
    const set = (level: number, name: number, value: number): number =>
      check(libc.setsockoptInt(fd, level, name, value), 'configure packet socket', fd);
    const forced = libc.setsockoptInt(fd, SOL_SOCKET, SO_RCVBUFFORCE, bufferBytes);
    // Root of another user namespace has no more than net.core.rmem_max allows everybody.
    if (forced === -EPERM) set(SOL_SOCKET, SO_RCVBUF, bufferBytes);
    else check(forced, 'configure packet socket', fd);
    set(SOL_SOCKET, SO_TIMESTAMPNS_NEW, 1);
    set(SOL_PACKET, PACKET_AUXDATA, 1);
    bindPacketReceiver(fd, ifindex);
    return fd;
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/**
 * Has a packet socket receive from another interface, or from one that has taken the place of the former.
 * @throws {KernelError} ENODEV where there is no such interface
 */
export function bindPacketReceiver(fd: number, ifindex: number): void {
  const address = sockaddrLl(ifindex, ETH_P_ALL);
  check(libc.bind(fd, address), 'bind packet socket', `interface ${ifindex}`);
  receiveAllMulticast(fd, ifindex);
}

/** Some interfaces, as those of macvlan, take in no more than the groups that somebody has joined. */
function receiveAllMulticast(fd: number, ifindex: number): void {
  const request = new DataView(new ArrayBuffer(PACKET_MREQ_LENGTH));
  request.setInt32(0, ifindex, true);
  request.setUint16(4, PACKET_MR_ALLMULTI, true);
  const value = new Uint8Array(request.buffer);
  const joined = libc.setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, value);
  check(joined, 'receive all multicast', `interface ${ifindex}`);
}

/** What a packet socket's queue has taken from now on is all that it will ever hold. */
export function stopPacketReceiver(fd: number): void {
  const program = new DataView(new ArrayBuffer(SOCK_FPROG_LENGTH));
  program.setUint16(0, 1, true);
  program.setBigUint64(8, BigInt(libc.addressOf(TAKE_NOTHING)), true);
  const value = new Uint8Array(program.buffer);
  check(libc.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, value), 'stop packet socket', fd);
}

/** How many packets found the queue of a packet socket full since this was last asked. */
export function packetLosses(fd: number): number {
  const value = new Uint8Array(TPACKET_STATS_LENGTH);
  check(libc.getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, value), 'read packet statistics', fd);
  return new DataView(value.buffer).getUint32(4, true);
}
