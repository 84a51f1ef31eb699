import type { IpSupport } from '@netweir/api';
import type { IpFamily } from '@netweir/kernel';
import { hasFamily, type OfFamilies, supported } from '../addressing/ip-support.ts';
import type { HostAddresses, Subnet } from '../addressing/subnet.ts';
import type { Link } from '../condition/conditions.ts';
import type { Member } from '../node/member.ts';
import { ethernetAddress } from './ethernet-address.ts';
import { EthernetSegment } from './ethernet-segment.ts';
import type { NetworkStack, StackInterface, StackRoute } from './network-stack.ts';
import type { Switches } from './switches.ts';

/** One interface of a node and the LAN that it is plugged into. */
export interface Plug {
  readonly lan: Lan;
  readonly interface: StackInterface;
  readonly addresses: OfFamilies;
  /** Whose addresses are its own in the LAN's subnet. */
  readonly host: HostAddresses;
  /** Whose number its Ethernet address is made of: taken as long as it has that one. */
  readonly station: HostAddresses;
  /** The index of the switch's port, the veth's other end. */
  readonly portIfindex: number;
  /** The numbers of the addresses of the LAN that its user has added, by address. */
  readonly claimed: Map<string, number>;
}

export interface LanOptions {
  /** Of the router's own interface in it. */
  readonly name: string;
  readonly subnet: Subnet;
  /** Bytes, of that interface; the least of all that are plugged in, and 1500 at most, if undefined. */
  readonly mtu: number | undefined;
  readonly ip: IpSupport;
  /** Where the network and all behind it is, of a region; the network itself by default. */
  readonly announced?: { readonly ipv4: string; readonly ipv6: string };
}

/** A router's network: an Ethernet, and the subnet whose gateway the router's interface there is. */
export class Lan {
  readonly subnet: Subnet;
  readonly ip: IpSupport;
  /** The router's own. */
  readonly interface: StackInterface;
  /** With prefix lengths. */
  readonly networks: OfFamilies;
  readonly gateway: OfFamilies;
  /** The prefixes that routes to the network have. */
  readonly announced: { readonly ipv4: string; readonly ipv6: string };
  readonly router: Member;
  /** The router's. */
  readonly stack: NetworkStack;
  readonly #segment: EthernetSegment;

  /** @throws {KernelError} */
  constructor(
    router: Member,
    switches: Switches,
    { name, subnet, mtu, ip, announced }: LanOptions,
  ) {
    const { stack } = router;
    this.router = router;
    this.stack = stack;
    this.subnet = subnet;
    this.ip = ip;
    this.announced = announced ?? { ipv4: subnet.ipv4, ipv6: subnet.ipv6 };
    this.networks = supported(ip, subnet);
    this.gateway = supported(ip, subnet.gateway);
    this.interface = this.#entry(name, stack.takeIfindex(), subnet.gateway);
    this.#segment = new EthernetSegment(switches, {
      stack,
      interface: this.interface,
      address: ethernetAddress(subnet.gateway.ipv4),
      mtu,
      onMtu: () => {
        stack.keepIpv6Off(name);
        router.adaptConditions(name);
      },
    });
  }

  /** Connects the router itself; its interface is still down and without addresses. */
  create(): void {
    this.#segment.connectRouter();
  }

  /** Takes the network away, with the router's interface. */
  end(): void {
    this.#segment.end();
  }

  /**
   * Connects a stack by a pair of veth interfaces. Its end is still down and without addresses:
   * those come with its own train.
   * @throws {LabError} ERR_LAB_ADDRESSES_EXHAUSTED
   */
  plug(stack: NetworkStack, name: string, mtu: number): Plug {
    const plug = this.reserve(name, stack.takeIfindex());
    try {
      this.connect(stack, plug, mtu);
    } catch (error) {
      this.giveBack(plug);
      throw error;
    }
    return plug;
  }

  /** What an interface would be that is plugged in, with addresses that are its own from now on. */
  reserve(name: string, ifindex: number): Plug {
    const host = this.subnet.takeHost();
    const portIfindex = this.#segment.takePort();
    const claimed = new Map<string, number>();
    return this.#plugOf({ name, ifindex }, { host, station: host, portIfindex, claimed });
  }

  /** Makes the pair of veth interfaces of a plug, or nothing of it. */
  connect(stack: NetworkStack, { interface: end, station, portIfindex }: Plug, mtu: number): void {
    const address = ethernetAddress(station.ipv4);
    this.#segment.connect({ stack, interface: end, address }, portIfindex, mtu);
  }

  /** What is plugged in has another MTU, at both ends of its cable. */
  heedMtu({ portIfindex }: Plug, mtu: number): void {
    this.#segment.heedMtu(portIfindex, mtu);
  }

  /** Gives the router's own interface another MTU. */
  setMtu(mtu: number): void {
    this.#segment.setRouterMtu(mtu);
  }

  /** The same interface with a new address of the LAN. The old one is given back with `release`. */
  renew(plug: Plug): Plug {
    const { station, portIfindex, claimed } = plug;
    const host = this.subnet.takeHost();
    return this.#plugOf(plug.interface, { host, station, portIfindex, claimed });
  }

  /** Gives the address back that a plug had before it was renewed. */
  release({ host, station, claimed }: Plug): void {
    const { number } = host;
    if (number === station.number || [...claimed.values()].includes(number)) return;
    this.subnet.giveBackHost(host);
  }

  /** Gives back all that a plug has taken. */
  giveBack({ host, station, claimed }: Plug): void {
    const numbers = new Set([host.number, station.number, ...claimed.values()]);
    for (const number of numbers) this.subnet.giveBackHost({ number });
  }

  /** Takes both ends away at once, and not when the kernel comes to it. */
  unplug(plug: Plug): void {
    this.disconnect(plug);
    this.giveBack(plug);
  }

  /** Takes both ends away; the addresses remain the plug's. */
  disconnect({ portIfindex }: Plug): void {
    this.#segment.disconnect(portIfindex);
  }

  /**
   * Makes packets pass at once, now that both ends are up: the kernel would learn of the new carrier in a
   * moment, without a link-local address until then, and does so before it answers a question.
   */
  ready({ portIfindex, interface: { ifindex } }: Plug, stack: NetworkStack): void {
    this.#settle(stack, ifindex, portIfindex);
  }

  /** As `ready`, of the router's own interface. */
  routerReady(): void {
    this.#settle(this.stack, this.interface.ifindex, this.#segment.routerPort.ifindex);
  }

  /** What is between a stack that is plugged in and the switch. */
  linkOf({ portIfindex, interface: { name, ifindex } }: Plug, stack: NetworkStack): Link {
    return { near: { stack, name, ifindex }, far: this.#segment.port(portIfindex) };
  }

  /** What is between the router and the switch. */
  get routerLink(): Link {
    const { name, ifindex } = this.interface;
    return { near: { stack: this.stack, name, ifindex }, far: this.#segment.routerPort };
  }

  /** The default routes of a stack that is plugged in, as far as the LAN has the families. */
  defaultRoutes({ interface: { ifindex } }: Plug): StackRoute[] {
    const { ipv4, ipv6 } = this.gateway;
    return [
      ...(ipv4 === undefined ? [] : [{ destination: '0.0.0.0/0', gateway: ipv4, ifindex }]),
      ...(ipv6 === undefined ? [] : [{ destination: '::/0', gateway: ipv6, ifindex }]),
    ];
  }

  has(family: IpFamily): boolean {
    return hasFamily(this.ip, family);
  }

  #settle(stack: NetworkStack, ifindex: number, portIfindex: number): void {
    stack.link({ ifindex });
    this.#segment.routerPort.stack.link({ ifindex: portIfindex });
  }

  #plugOf(
    { name, ifindex }: Pick<StackInterface, 'name' | 'ifindex'>,
    taken: Pick<Plug, 'host' | 'station' | 'portIfindex' | 'claimed'>,
  ): Plug {
    const addresses = supported(this.ip, taken.host);
    return { ...taken, lan: this, interface: this.#entry(name, ifindex, taken.host), addresses };
  }

  #entry(name: string, ifindex: number, host: HostAddresses): StackInterface {
    const { prefixes } = this.subnet;
    const { ipv4, ipv6 } = supported(this.ip, host);
    const addresses = [
      ...(ipv4 === undefined ? [] : [`${ipv4}/${prefixes.ipv4.length}`]),
      ...(ipv6 === undefined ? [] : [`${ipv6}/${prefixes.ipv6.length}`]),
    ];
    return { name, ifindex, addresses, ipv6: this.has(6) };
  }
}
