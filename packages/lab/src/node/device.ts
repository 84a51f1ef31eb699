import type { LinkConditions } from '@netweir/api';
import type { HostAddresses } from '../addressing/subnet.ts';
import { NodeRemoved } from '../errors.ts';
import type { Plug } from '../stack/lan.ts';
import { noInterface } from '../stack/network-stack.ts';
import { LabNode } from './lab-node.ts';
import type { Member } from './member.ts';
import { Router } from './router.ts';

/** An interface, and what its link does: see `LabNode.setConditions`. */
export interface InterfaceOptions {
  readonly router: Router;
  readonly conditions?: LinkConditions;
}

/** How a device is connected. */
export interface DeviceOptions {
  /** The router that `eth0` leads to: short for `interfaces: { eth0: uplink }`. */
  readonly uplink?: Router;
  /** Interface names and the routers that they lead to. The first has the default routes. */
  readonly interfaces?: Readonly<Record<string, Router | InterfaceOptions>>;
  /** Of the link of `eth0`, beside `uplink`. */
  readonly conditions?: LinkConditions;
  /** Bytes, of all interfaces and of the ports they lead to; 1500 by default, at least 1280. */
  readonly mtu?: number;
}

/** The interfaces that are asked for, all in the same form. */
export function interfacesOf({
  uplink,
  conditions,
  interfaces,
}: DeviceOptions): [name: string, options: InterfaceOptions][] {
  const eth0 = uplink && { router: uplink, ...(conditions !== undefined && { conditions }) };
  return Object.entries(interfaces ?? (eth0 ? { eth0 } : {})).map(([name, to]) => [
    name,
    to instanceof Router ? { router: to } : to,
  ]);
}

/** A node at the edge of a lab: what a program runs on. */
export class Device extends LabNode {
  readonly #member: Member;

  constructor(member: Member) {
    super(member);
    this.#member = member;
  }

  /** The IPv4 address of the interface with the default routes. @throws {LabError} ERR_LAB_NO_INTERFACE */
  get ipv4(): string {
    return this.#default().ipv4;
  }

  /** The IPv6 address of the interface with the default routes. @throws {LabError} ERR_LAB_NO_INTERFACE */
  get ipv6(): string {
    return this.#default().ipv6;
  }

  /** The addresses of an interface. @throws {LabError} ERR_LAB_NO_INTERFACE */
  addresses(interfaceName: string): { readonly ipv4: string; readonly ipv6: string } {
    const { ipv4, ipv6 } = this.#plug(interfaceName).addresses;
    return { ipv4, ipv6 };
  }

  /**
   * Makes both default routes lead through another interface, with one message each: there is no moment
   * without.
   * @throws {LabError} ERR_LAB_NO_INTERFACE
   * @throws {KernelError} ENETDOWN or ENETUNREACH while the interface is down
   */
  setDefaultRoute(interfaceName: string): void {
    if (this.#member.removed) throw new NodeRemoved(this.name);
    const plug = this.#plug(interfaceName);
    this.#member.stack.setRoutes(plug.lan.defaultRoutes(plug));
    this.#member.defaultPlug = plug;
    this.#member.tell('default-route-changed', interfaceName);
  }

  #default(): HostAddresses {
    const { defaultPlug } = this.#member;
    if (!defaultPlug) throw noInterface(this.name, 'with default routes');
    return defaultPlug.addresses;
  }

  #plug(name: string): Plug {
    const plug = this.#member.plugs.get(name);
    if (!plug) throw noInterface(this.name, name);
    return plug;
  }
}
