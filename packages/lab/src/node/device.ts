import type { LinkConditions } from '@netweir/api';
import type { OfFamilies } from '../addressing/ip-support.ts';
import { LabError } from '../errors.ts';
import { addAddress, removeAddress, renewAddress } from '../interface/address.ts';
import { addInterface, removeInterface, replug } from '../interface/connect.ts';
import { setDefaultRoute } from '../interface/default-route.ts';
import type { NameValue } from '../names/names.ts';
import { noInterface } from '../stack/network-stack.ts';
import type { Topology } from '../topology.ts';
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
  /** The router that `eth0` leads to: short for `interfaces: { eth0: uplink }`, before those of it. */
  readonly uplink?: Router;
  /** Interface names and the routers that they lead to. The first has the default routes. */
  readonly interfaces?: Readonly<Record<string, Router | InterfaceOptions>>;
  /** Of the link of `eth0`, beside `uplink`. */
  readonly conditions?: LinkConditions;
  /** Bytes, of all interfaces and of the ports they lead to; 1500 by default. As of routers. */
  readonly mtu?: number;
}

/**
 * The interfaces that are asked for, all in the same form.
 * @throws {LabError} ERR_LAB_INTERFACE_TAKEN where `eth0` is said twice; ERR_LAB_NO_INTERFACE for conditions
 * of none
 */
export function interfacesOf(
  device: string,
  { uplink, conditions, interfaces = {} }: DeviceOptions,
): [name: string, options: InterfaceOptions][] {
  if (uplink && 'eth0' in interfaces) {
    const message = `device ${device} has an interface eth0 by its uplink already`;
    throw new LabError('ERR_LAB_INTERFACE_TAKEN', message, 'leave `uplink` out');
  }
  if (conditions !== undefined && !uplink) {
    throw new LabError(
      'ERR_LAB_NO_INTERFACE',
      `the conditions of device ${device} are those of its uplink, and it has none`,
      'say them of an interface: { interfaces: { wlan0: { router, conditions } } }',
    );
  }
  const eth0 = uplink && { router: uplink, ...(conditions !== undefined && { conditions }) };
  return Object.entries({ ...(eth0 && { eth0 }), ...interfaces }).map(([name, to]) => [
    name,
    to instanceof Router ? { router: to } : to,
  ]);
}

/** How an interface is connected that a device gets later. */
export interface NewInterfaceOptions {
  /** Of its link, as seen from it: see `LabNode.setConditions`. */
  readonly conditions?: LinkConditions;
  /** Bytes; 1500 by default. As of routers. */
  readonly mtu?: number;
}

/** A node at the edge of a lab: what a program runs on. */
export class Device extends LabNode {
  readonly #member: Member;
  readonly #topology: Topology;

  constructor(member: Member, topology: Topology) {
    super(member);
    this.#member = member;
    this.#topology = topology;
  }

  /**
   * The IPv4 address of the interface with the default routes.
   * @throws {LabError} ERR_LAB_NO_INTERFACE; ERR_LAB_NO_ADDRESS in a network without IPv4
   */
  get ipv4(): string {
    return this.#member.defaultAddress('ipv4');
  }

  /**
   * The IPv6 address of the interface with the default routes.
   * @throws {LabError} ERR_LAB_NO_INTERFACE; ERR_LAB_NO_ADDRESS in a network without IPv6
   */
  get ipv6(): string {
    return this.#member.defaultAddress('ipv6');
  }

  /** The interface with the default routes. @throws {LabError} ERR_LAB_NO_INTERFACE */
  get defaultInterface(): string {
    const { defaultPlug } = this.#member;
    if (!defaultPlug) throw noInterface(this.name, 'with default routes');
    return defaultPlug.interface.name;
  }

  /** The addresses that the lab has given an interface. @throws {LabError} ERR_LAB_NO_INTERFACE */
  addresses(interfaceName: string): OfFamilies {
    return { ...this.#member.plug(interfaceName).addresses };
  }

  /**
   * Makes the default routes lead through another interface, with one message each: there is no moment
   * without. A family that the interface's network lacks has no default route any more.
   * @throws {LabError} ERR_LAB_NO_INTERFACE
   * @throws {KernelError} ENETDOWN or ENETUNREACH while the interface is down
   */
  setDefaultRoute(interfaceName: string): void {
    setDefaultRoute(this.#alive(), interfaceName);
  }

  /**
   * Gives the device another interface; the default routes stay where they are.
   * @throws {LabError} ERR_LAB_INTERFACE_TAKEN, ERR_LAB_MTU, ERR_LAB_ADDRESSES_EXHAUSTED
   * @throws InvalidValueError with code `ERR_INVALID_INTERFACE_NAME`
   */
  addInterface(name: string, router: Router, options: NewInterfaceOptions = {}): void {
    const member = this.#alive();
    const to = {
      name,
      router: this.#topology.member(router),
      mtu: options.mtu,
      conditions: options.conditions ?? null,
    };
    addInterface(this.#topology, member, to);
  }

  /**
   * Takes an interface away. If it had the default routes, the first one that remains gets them, or
   * will have them once it is up.
   * @throws {LabError} ERR_LAB_NO_INTERFACE, ERR_LAB_LAST_INTERFACE
   */
  removeInterface(name: string): void {
    removeInterface(this.#topology, this.#alive(), name);
  }

  /**
   * Plugs an interface in at another router, or anew at the same one. It keeps its name, index, MTU,
   * conditions, the default routes if it has them, and stays down if it is down. Its addresses are new.
   * Where it cannot be done, all stays as it was.
   * @throws {LabError} ERR_LAB_MTU, ERR_LAB_NO_INTERFACE, ERR_LAB_ADDRESSES_EXHAUSTED, ERR_LAB_OTHER_LAB
   */
  replug(name: string, router: Router): void {
    replug(this.#topology, this.#alive(), name, this.#topology.member(router));
  }

  /**
   * Gives an interface other addresses of its network, which it has before the old ones go. Routes stay.
   * @throws {LabError} ERR_LAB_NO_INTERFACE, ERR_LAB_ADDRESSES_EXHAUSTED
   */
  renewAddress(name: string): OfFamilies {
    return { ...renewAddress(this.#alive(), name) };
  }

  /**
   * Adds an address such as `10.0.1.200/24`, which the interface also has back after it was down. Nobody
   * else gets it from the lab.
   * @throws {LabError} ERR_LAB_NO_INTERFACE, ERR_LAB_ADDRESS_TAKEN; ERR_LAB_INVALID_ADDRESS for what is no
   * host's; ERR_LAB_NO_ADDRESS for a family that the interface's network lacks
   * @throws {KernelError} EEXIST
   */
  addAddress(name: string, address: string): void {
    addAddress(this.#alive(), name, address);
  }

  /** Takes an address away that was added. @throws {LabError} ERR_LAB_NO_INTERFACE, ERR_LAB_NO_ADDRESS */
  removeAddress(name: string, address: string): void {
    removeAddress(this.#alive(), name, address);
  }

  /** As `Lab.setName`, for this device alone, where it comes before what all nodes know. */
  setName(name: string, value: NameValue): void {
    const member = this.#alive();
    this.#topology.names.set(name, value, member);
  }

  /** Takes a name away that was set for this device. Whether there was one. */
  deleteName(name: string): boolean {
    return this.#topology.names.delete(name, this.#alive());
  }

  #alive(): Member {
    return this.#topology.member(this);
  }
}
