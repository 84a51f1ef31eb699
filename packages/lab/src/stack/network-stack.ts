import {
  addAddress,
  deleteAddress,
  deleteLink,
  deleteRoute,
  dumpAddresses,
  dumpLinks,
  getLink,
  type InterfaceAddress,
  KernelError,
  type Link,
  type NetlinkSocket,
  NetworkNamespace,
  type NewRoute,
  type Request,
  replaceAddress,
  replaceRoute,
  setLinkDown,
  setLinkUp,
} from '@netweir/kernel';
import { LabError } from '../errors.ts';
import { disableIpv6, prepareSysctls } from './sysctl.ts';

/** An interface as it is to be when it is up. */
export interface StackInterface {
  readonly name: string;
  readonly ifindex: number;
  /** With prefix lengths. */
  readonly addresses: readonly string[];
  /** Whether it takes part in IPv6, link-local addresses too. */
  readonly ipv6: boolean;
}

/** Without a gateway only of a type that leads nowhere, such as `blackhole`. */
export type StackRoute = Pick<NewRoute, 'destination' | 'gateway' | 'ifindex' | 'type'>;

/** linux/rtnetlink.h: link-local addresses have it. */
const RT_SCOPE_LINK = 253;

/** Smaller indexes are left to what programs make inside. */
const FIRST_IFINDEX = 101;

/**
 * A network namespace of the lab, held by descriptors alone, and what belongs into it: the kernel forgets
 * routes and IPv6 addresses when a link goes down, and has them back from here.
 */
export class NetworkStack {
  /** The name of its node. */
  readonly node: string;
  readonly namespace: NetworkNamespace;
  readonly #netlink: NetlinkSocket;
  readonly #interfaces = new Map<string, StackInterface>();
  /** By destination. */
  readonly #routes = new Map<string, StackRoute>();
  #nextIfindex: number;

  /** @throws {KernelError} EPERM without CAP_SYS_ADMIN */
  constructor(
    node: string,
    options: { readonly forwards: boolean; readonly firstIfindex?: number },
  ) {
    this.node = node;
    this.#nextIfindex = options.firstIfindex ?? FIRST_IFINDEX;
    this.namespace = NetworkNamespace.anonymous();
    try {
      prepareSysctls(this.namespace, options);
      this.#netlink = this.namespace.netlink();
    } catch (error) {
      this.namespace.close();
      throw error;
    }
  }

  /** For requests of others; what belongs into the stack goes through it. */
  get netlink(): NetlinkSocket {
    return this.#netlink;
  }

  /** An index for an interface that is made here. */
  takeIfindex(): number {
    return this.#nextIfindex++;
  }

  /** Carries out changes in one train. @throws {KernelError} of the first that fails */
  change(changes: readonly Request[]): void {
    const error = this.#netlink.batch(changes).find((result) => result !== undefined);
    if (error) throw error;
  }

  /** Takes a link away, also one that a program has taken away already. */
  deleteLink(ifindex: number): void {
    this.#changeUnless('ENODEV', [deleteLink({ ifindex })]);
  }

  /** Starts the stack: loopback, the interfaces with their addresses, and the routes. */
  start(interfaces: readonly StackInterface[], routes: readonly StackRoute[]): void {
    for (const entry of interfaces) this.#interfaces.set(entry.name, entry);
    for (const route of routes) this.#routes.set(route.destination, route);
    disableIpv6(this.namespace, interfaces);
    const loopback = setLinkUp({ name: 'lo' });
    this.change([loopback, ...interfaces.flatMap(bringUp), ...routes.map(replaceRoute)]);
  }

  /**
   * Makes an interface part of a stack that has started: one that is there, still down and without
   * addresses. It comes up with its addresses and the routes through it, unless it is to stay down.
   */
  attach(entry: StackInterface, routes: readonly StackRoute[], up: boolean): void {
    this.#interfaces.set(entry.name, entry);
    for (const route of routes) this.#routes.set(route.destination, route);
    disableIpv6(this.namespace, [entry]);
    if (up) this.linkUp(entry.name);
  }

  /** The kernel puts IPv6 on an interface whose MTU has become large enough for it. */
  keepIpv6Off(name: string): void {
    disableIpv6(this.namespace, [this.interface(name)]);
  }

  /** Forgets an interface that is there no more, and the routes that led through it. */
  detach(name: string): void {
    const { ifindex } = this.interface(name);
    this.#interfaces.delete(name);
    for (const { destination } of this.routesThrough(ifindex)) this.#routes.delete(destination);
  }

  /**
   * Adds routes, or replaces those to the same destinations. Those through an interface that is down
   * come with its way up; so would those through one that a program has taken away.
   */
  setRoutes(routes: readonly StackRoute[]): void {
    const isDown = new Set(
      [...new Set(routes.map(({ ifindex }) => ifindex))].filter(
        (ifindex) => ifindex !== undefined && !this.#isUp(ifindex),
      ),
    );
    this.setRoutesNow(routes.filter(({ ifindex }) => !isDown.has(ifindex)));
    for (const route of routes) this.#routes.set(route.destination, route);
  }

  /** As `setRoutes`, all of them at once. @throws {KernelError} ENETDOWN, ENETUNREACH */
  setRoutesNow(routes: readonly StackRoute[]): void {
    this.change(routes.map(replaceRoute));
    for (const route of routes) this.#routes.set(route.destination, route);
  }

  /** Takes routes out, also those that the kernel has forgotten already. */
  deleteRoutes(destinations: readonly string[]): void {
    const routes = destinations.flatMap((destination) => this.#routes.get(destination) ?? []);
    for (const { destination } of routes) this.#routes.delete(destination);
    this.#changeUnless(
      'ESRCH',
      routes.map(({ destination, gateway, ifindex }) =>
        deleteRoute({
          destination,
          ...(gateway !== undefined && { gateway }),
          ...(ifindex !== undefined && { ifindex }),
        }),
      ),
    );
  }

  /** The routes that lead, or will lead once it is up, through an interface. */
  routesThrough(ifindex: number): StackRoute[] {
    return [...this.#routes.values()].filter((route) => route.ifindex === ifindex);
  }

  linkDown(name: string): void {
    this.change([setLinkDown(this.interface(name))]);
  }

  /** Takes an interface up with its addresses and the routes through it. */
  linkUp(name: string): void {
    const entry = this.interface(name);
    const routes = this.routesThrough(entry.ifindex);
    this.change([...bringUp(entry), ...routes.map(replaceRoute)]);
    // As in Lan.ready: IPv6 has no link-local address before the kernel acts on the carrier.
    this.link({ ifindex: entry.ifindex });
  }

  /** @throws {KernelError} EEXIST */
  addAddress(name: string, address: string): void {
    const entry = this.interface(name);
    this.change([addAddress(newAddress(entry, address))]);
    this.#interfaces.set(name, { ...entry, addresses: [...entry.addresses, address] });
  }

  /** Takes an address away, also one that the kernel has forgotten already. */
  removeAddress(name: string, address: string): void {
    const entry = this.interface(name);
    this.#deleteAddresses(entry.ifindex, [address]);
    const addresses = entry.addresses.filter((other) => other !== address);
    this.#interfaces.set(name, { ...entry, addresses });
  }

  /** Puts addresses in place of others, with no moment without either; routes stay. */
  replaceAddresses(name: string, old: readonly string[], added: readonly string[]): void {
    const entry = this.interface(name);
    const { ifindex } = entry;
    const routes = this.link({ ifindex }).up ? this.routesThrough(ifindex) : [];
    this.change(added.map((address) => addAddress(newAddress(entry, address))));
    const kept = entry.addresses.filter((address) => !old.includes(address));
    this.#interfaces.set(name, { ...entry, addresses: [...added, ...kept] });
    this.#deleteAddresses(ifindex, old);
    // The kernel has made the oldest of those that remain the first, which is what it sends from.
    this.#deleteAddresses(ifindex, kept);
    const again = kept.map((address) => addAddress(newAddress(entry, address)));
    this.change([...again, ...routes.map(replaceRoute)]);
  }

  /** What the kernel says of an interface. The question itself makes it act on a new carrier at once. */
  link(reference: { readonly name: string } | { readonly ifindex: number }): Link {
    const [link] = this.#netlink.query(getLink(reference));
    if (!link) throw noInterface(this.node, JSON.stringify(reference));
    return link;
  }

  /** The addresses that the kernel has, with prefix lengths, and without link-local ones. */
  addressesOf(ifindex: number): string[] {
    return this.#netlink
      .dump(dumpAddresses({ ifindex }))
      .filter(({ scope }) => scope < RT_SCOPE_LINK)
      .map(({ address, prefixLength }) => `${address}/${prefixLength}`);
  }

  /** All interfaces, with their counters, as the kernel has them. */
  links(): Link[] {
    return this.#netlink.dump(dumpLinks({ stats: true }));
  }

  /** The addresses of all interfaces as the kernel has them. */
  addresses(): InterfaceAddress[] {
    return this.#netlink.dump(dumpAddresses());
  }

  get interfaceNames(): string[] {
    return [...this.#interfaces.keys()];
  }

  close(): void {
    this.#netlink.close();
    this.namespace.close();
  }

  #isUp(ifindex: number): boolean {
    try {
      return this.link({ ifindex }).up;
    } catch (error) {
      if (error instanceof KernelError && error.errnoName === 'ENODEV') return false;
      throw error;
    }
  }

  #deleteAddresses(ifindex: number, addresses: readonly string[]): void {
    const requests = addresses.map((address) => deleteAddress({ ifindex, address }));
    this.#changeUnless('EADDRNOTAVAIL', requests);
  }

  /** As `change`, where one error only means that it is so already. */
  #changeUnless(harmless: string, changes: readonly Request[]): void {
    const errors = this.#netlink.batch(changes);
    const error = errors.find((result) => result && result.errnoName !== harmless);
    if (error) throw error;
  }

  /** An interface as it is to be. @throws {LabError} ERR_LAB_NO_INTERFACE */
  interface(name: string): StackInterface {
    const entry = this.#interfaces.get(name);
    if (!entry) throw noInterface(this.node, name);
    return entry;
  }
}

/** Addresses behind the link's way up, at which IPv6 forgets them. */
function bringUp(entry: StackInterface): Request[] {
  const { ifindex, addresses } = entry;
  const add = (address: string): Request => replaceAddress(newAddress(entry, address));
  return [setLinkUp({ ifindex }), ...addresses.map(add)];
}

function newAddress({ ifindex }: StackInterface, address: string) {
  return { ifindex, address, broadcast: '+', noDad: true };
}

export function noInterface(node: string, name: string): LabError {
  return new LabError('ERR_LAB_NO_INTERFACE', `node ${node} has no interface ${name}`);
}
