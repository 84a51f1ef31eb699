import {
  deleteRoute,
  dumpAddresses,
  dumpLinks,
  getLink,
  type InterfaceAddress,
  type Link,
  type NetlinkSocket,
  NetworkNamespace,
  type Request,
  replaceAddress,
  replaceRoute,
  setLinkDown,
  setLinkUp,
} from '@netweir/kernel';
import { LabError } from '../errors.ts';
import { prepareSysctls } from './sysctl.ts';

/** An interface as it is to be when it is up. */
export interface StackInterface {
  readonly name: string;
  readonly ifindex: number;
  /** With prefix lengths. */
  readonly addresses: readonly string[];
}

export interface StackRoute {
  readonly destination: string;
  readonly gateway: string;
  /** The outgoing interface. */
  readonly ifindex: number;
}

/** Smaller indexes are left to what programs make inside. */
const FIRST_IFINDEX = 101;

/**
 * A network namespace of the lab, held by descriptors alone, and what belongs into it: the kernel forgets
 * routes and IPv6 addresses when a link goes down, and has them back from here.
 */
export class NetworkStack {
  readonly namespace: NetworkNamespace;
  readonly #netlink: NetlinkSocket;
  readonly #node: string;
  readonly #interfaces = new Map<string, StackInterface>();
  /** By destination. */
  readonly #routes = new Map<string, StackRoute>();
  #nextIfindex = FIRST_IFINDEX;

  /** @throws {KernelError} EPERM without CAP_SYS_ADMIN */
  constructor(node: string, options: { readonly forwards: boolean }) {
    this.#node = node;
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

  /** Starts the stack: loopback, then `before`, the interfaces with their addresses, and the routes. */
  start(
    before: readonly Request[],
    interfaces: readonly StackInterface[],
    routes: readonly StackRoute[],
  ): void {
    for (const entry of interfaces) this.#interfaces.set(entry.name, entry);
    for (const route of routes) this.#routes.set(route.destination, route);
    const up = interfaces.flatMap((entry) => bringUp(entry));
    this.change([setLinkUp({ name: 'lo' }), ...before, ...up, ...routes.map(replaceRoute)]);
  }

  /** Adds routes, or replaces those to the same destinations. */
  setRoutes(routes: readonly StackRoute[]): void {
    this.change(routes.map(replaceRoute));
    for (const route of routes) this.#routes.set(route.destination, route);
  }

  /** Takes routes out, also those that the kernel has forgotten already. */
  deleteRoutes(destinations: readonly string[]): void {
    const routes = destinations.flatMap((destination) => this.#routes.get(destination) ?? []);
    for (const { destination } of routes) this.#routes.delete(destination);
    const errors = this.#netlink.batch(routes.map(deleteRoute));
    const error = errors.find((result) => result && result.errnoName !== 'ESRCH');
    if (error) throw error;
  }

  linkDown(name: string): void {
    this.change([setLinkDown(this.#interface(name))]);
  }

  /** Takes an interface up with its addresses and the routes through it. */
  linkUp(name: string): void {
    const entry = this.#interface(name);
    const routes = [...this.#routes.values()].filter(({ ifindex }) => ifindex === entry.ifindex);
    this.change([...bringUp(entry), ...routes.map(replaceRoute)]);
    // As in Lan.ready: IPv6 has no link-local address before the kernel acts on the carrier.
    this.link({ ifindex: entry.ifindex });
  }

  /** What the kernel says of an interface. The question itself makes it act on a new carrier at once. */
  link(reference: { readonly name: string } | { readonly ifindex: number }): Link {
    const [link] = this.#netlink.query(getLink(reference));
    if (!link) throw noInterface(this.#node, JSON.stringify(reference));
    return link;
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

  #interface(name: string): StackInterface {
    const entry = this.#interfaces.get(name);
    if (!entry) throw noInterface(this.#node, name);
    return entry;
  }
}

/** Addresses behind the link's way up, at which IPv6 forgets them. */
function bringUp({ ifindex, addresses }: StackInterface): Request[] {
  const add = (address: string): Request =>
    replaceAddress({ ifindex, address, broadcast: '+', noDad: true });
  return [setLinkUp({ ifindex }), ...addresses.map(add)];
}

export function noInterface(node: string, name: string): LabError {
  return new LabError('ERR_LAB_NO_INTERFACE', `node ${node} has no interface ${name}`);
}
