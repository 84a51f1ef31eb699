import { closeSync, constants, openSync } from 'node:fs';
import { EINVAL } from './errno.ts';
import { check, checkFile } from './errors.ts';
import * as libc from './libc.ts';
import { CHANGE } from './netlink/request.ts';
import type { NetworkNamespace } from './netns/network-namespace.ts';
import { assertInterfaceName } from './route/interface-name.ts';
import { IFF_UP, IFLA_MTU, IFLA_TXQLEN, linkMessage, RTM_NEWLINK } from './route/link-message.ts';
import { getLink } from './route/link-query.ts';

const DEVICE = '/dev/net/tun';

// linux/if_tun.h
const TUNSETIFF = 0x4004_54ca;
const TUNSETOFFLOAD = 0x4004_54d0;
const IFF_TUN = 0x0001;
const IFF_TAP = 0x0002;
const IFF_NO_PI = 0x1000;
const IFF_VNET_HDR = 0x4000;
const TUN_F_CSUM = 0x01;
const TUN_F_TSO4 = 0x02;
const TUN_F_TSO6 = 0x04;
const TUN_F_TSO_ECN = 0x08;
const TUN_F_USO4 = 0x20;
const TUN_F_USO6 = 0x40;

const IFREQ_LENGTH = 40;
const IFNAMSIZ = 16;

/**
 * Below what IPv6 works with, so that the kernel keeps it off the interface and sends nothing of its
 * own there (addrconf_notify). Frames that are redirected are not held to it.
 */
const TAP_MTU = 1279;
/** IP_MAX_MTU: packets are held to the MTUs of the other interfaces on their way. */
const TUN_MTU = 65_535;

/**
 * A TAP or TUN interface that exists until `fd` is closed, at the latest by the end of the process.
 * Until then its namespace lives on, too, with all interfaces in it, whatever else has let go of it.
 */
export interface Tap {
  /**
   * Gives each frame that the interface is to send (each IP packet of a TUN), and takes those that it
   * shall receive, one for each call, behind a `struct virtio_net_hdr` of 10 bytes. Never blocks:
   * EAGAIN. The caller owns it.
   */
  readonly fd: number;
  readonly name: string;
  readonly ifindex: number;
}

export interface NewTap {
  /** Of the interface; must be free in the namespace (EBUSY). */
  readonly name: string;
  /** How many frames wait to be read before further ones are dropped. */
  readonly queueLength: number;
}

/**
 * Makes a TAP interface in `namespace` and takes it up. It has no addresses, neither IPv4 nor IPv6. It
 * takes TCP segments and, from Linux 6.2 on, UDP datagrams before they are cut (GSO), and checksums
 * that are still to be completed. Needs CAP_NET_ADMIN.
 *
 * @throws {KernelError} ENOENT or ENODEV without the tun driver, EPERM, EBUSY
 * @throws {InvalidValueError} for what cannot be an interface's name
 */
export function openTap(namespace: NetworkNamespace, tap: NewTap): Tap {
  return open(namespace, tap, IFF_TAP, TAP_MTU);
}

/**
 * Makes a TUN interface in `namespace` and takes it up: IP packets of both versions and of any length come
 * and go without a link layer. As `openTap` in all else, but that IPv6 makes a link-local address.
 */
export function openTun(namespace: NetworkNamespace, tun: NewTap): Tap {
  return open(namespace, tun, IFF_TUN, TUN_MTU);
}

function open(
  namespace: NetworkNamespace,
  { name, queueLength }: NewTap,
  kind: number,
  mtu: number,
): Tap {
  assertInterfaceName(name);
  const fd = namespace.run(() =>
    checkFile('open', DEVICE, () => openSync(DEVICE, constants.O_RDWR | constants.O_NONBLOCK)),
  );
  try {
    check(libc.ioctl(fd, TUNSETIFF, ifreq(name, kind)), 'add interface', name);
    check(setOffload(fd), 'set offloads', name);
    return { fd, name, ifindex: takeUp(namespace, name, mtu, queueLength) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** `struct ifreq` with the flags that TUNSETIFF takes. */
function ifreq(name: string, kind: number): Uint8Array {
  const bytes = new Uint8Array(IFREQ_LENGTH);
  new TextEncoder().encodeInto(name, bytes);
  new DataView(bytes.buffer).setUint16(IFNAMSIZ, kind | IFF_NO_PI | IFF_VNET_HDR, true);
  return bytes;
}

function setOffload(fd: number): number {
  const tcp = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
  const result = libc.ioctlInt(fd, TUNSETOFFLOAD, tcp | TUN_F_USO4 | TUN_F_USO6);
  return result === -EINVAL ? libc.ioctlInt(fd, TUNSETOFFLOAD, tcp) : result;
}

function takeUp(
  namespace: NetworkNamespace,
  name: string,
  mtu: number,
  queueLength: number,
): number {
  using socket = namespace.netlink();
  const settings = linkMessage({ name }, IFF_UP, IFF_UP)
    .attributeU32(IFLA_MTU, mtu)
    .attributeU32(IFLA_TXQLEN, queueLength);
  socket.request({
    operation: 'set up interface',
    target: name,
    type: RTM_NEWLINK,
    flags: CHANGE,
    body: settings.finish(),
  });
  const [link] = socket.query(getLink({ name }));
  if (!link) throw new Error(`the kernel did not describe ${name}`);
  return link.ifindex;
}
