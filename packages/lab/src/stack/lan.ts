import {
  addBridge,
  addVeth,
  deleteLink,
  type Request,
  setLinkMaster,
  setLinkMtu,
  setLinkUp,
} from '@netweir/kernel';
import type { HostAddresses, Subnet } from '../addressing/subnet.ts';
import type { Link } from '../condition/conditions.ts';
import { ethernetAddress } from './ethernet-address.ts';
import type { NetworkStack, StackInterface, StackRoute } from './network-stack.ts';

/** One interface of a node and the LAN that it is plugged into. */
export interface Plug {
  readonly lan: Lan;
  readonly interface: StackInterface;
  readonly addresses: HostAddresses;
  /** The index of the bridge's port, the veth's other end. */
  readonly portIfindex: number;
}

/** A router's network: a bridge in its stack, and the subnet whose gateway it is. */
export class Lan {
  readonly subnet: Subnet;
  /** The bridge. */
  readonly interface: StackInterface;
  readonly #stack: NetworkStack;
  readonly #mtu: number;

  constructor(stack: NetworkStack, name: string, subnet: Subnet, mtu: number) {
    this.#stack = stack;
    this.#mtu = mtu;
    this.subnet = subnet;
    this.interface = {
      name,
      ifindex: stack.takeIfindex(),
      addresses: withLengths(subnet.gateway, subnet),
    };
  }

  /** The bridge, with an address and an MTU of its own: else it would take those of its ports. */
  create(): Request[] {
    const { name, ifindex } = this.interface;
    const address = ethernetAddress(this.subnet.gateway.ipv4);
    return [addBridge({ name, ifindex, address }), setLinkMtu({ ifindex }, this.#mtu)];
  }

  /**
   * Connects a stack by a pair of veth interfaces. Its end is still down and without addresses:
   * those come with its own train.
   * @throws {LabError} ERR_LAB_ADDRESSES_EXHAUSTED
   */
  plug(stack: NetworkStack, name: string, mtu: number): Plug {
    const addresses = this.subnet.takeHost();
    const ifindex = stack.takeIfindex();
    const portIfindex = this.#stack.takeIfindex();
    const port = { ifindex: portIfindex };
    const address = ethernetAddress(addresses.ipv4);
    try {
      this.#stack.change([
        addVeth(
          { name: portName(portIfindex), ifindex: portIfindex, mtu },
          { name, ifindex, mtu, address, netnsFd: stack.namespace.fd },
        ),
        setLinkMaster(port, this.interface.ifindex),
        setLinkUp(port),
      ]);
    } catch (error) {
      this.subnet.giveBackHost(addresses);
      throw error;
    }
    const entry = { name, ifindex, addresses: withLengths(addresses, this.subnet) };
    return { lan: this, interface: entry, addresses, portIfindex };
  }

  /** Takes both ends away at once, and not when the kernel comes to it. */
  unplug({ portIfindex, addresses }: Plug): void {
    this.#stack.change([deleteLink({ ifindex: portIfindex })]);
    this.subnet.giveBackHost(addresses);
  }

  /**
   * Makes packets pass at once, now that both ends are up: the kernel would learn of the new carrier in a
   * moment, without a link-local address until then, and does so before it answers a question.
   */
  ready({ portIfindex, interface: { ifindex } }: Plug, stack: NetworkStack): void {
    stack.link({ ifindex });
    this.#stack.link({ ifindex: portIfindex });
    this.#stack.link(this.interface);
  }

  /** What is between a stack that is plugged in and the bridge. */
  linkOf({ portIfindex, interface: { name, ifindex } }: Plug, stack: NetworkStack): Link {
    const port = { stack: this.#stack, name: portName(portIfindex), ifindex: portIfindex };
    return { near: { stack, name, ifindex }, far: port };
  }

  /** The default routes of a stack that is plugged in. */
  defaultRoutes({ interface: { ifindex } }: Plug): StackRoute[] {
    const { ipv4, ipv6 } = this.subnet.gateway;
    return [
      { destination: '0.0.0.0/0', gateway: ipv4, ifindex },
      { destination: '::/0', gateway: ipv6, ifindex },
    ];
  }
}

function portName(ifindex: number): string {
  return `port${ifindex}`;
}

function withLengths(host: HostAddresses, { prefixes }: Subnet): string[] {
  return [`${host.ipv4}/${prefixes.ipv4.length}`, `${host.ipv6}/${prefixes.ipv6.length}`];
}
