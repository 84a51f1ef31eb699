import { isDeepStrictEqual } from 'node:util';
import type { Container, Peer, SpaceKind } from '@netweir/api';
import { KernelError, type Link, type NetlinkSocket, type NetworkNamespace } from '@netweir/kernel';
import { networkOf } from './containers/network.ts';
import { viewOf } from './interface-view.ts';
import type { DiscoveredInterface, DiscoveredSpace } from './model.ts';
import { NsidCache } from './nsid-cache.ts';
import { getLinkOf } from './peer-link.ts';
import type { PeerSpace } from './peers.ts';
import { type InterfaceRecord, readAll } from './record.ts';
import { inOrder, plainName, type SpaceName } from './space-name.ts';

/** A space with what is behind its interfaces. */
export class Space implements DiscoveredSpace, PeerSpace {
  readonly namespace: NetworkNamespace;
  readonly netlink: NetlinkSocket;
  readonly nsids: NsidCache;
  readonly interfaces: Map<number, DiscoveredInterface> = new Map();
  readonly records: Map<number, InterfaceRecord> = new Map();
  peers: ReadonlyMap<number, Peer> = new Map();
  #first: SpaceName;
  #aliases: readonly string[] = [];
  #containers: readonly Container[] = [];
  #highestIfindex = 0;

  /** Takes over `namespace`. @throws {KernelError} */
  constructor(names: readonly [SpaceName, ...SpaceName[]], namespace: NetworkNamespace) {
    this.#first = names[0];
    this.rename(names);
    this.namespace = namespace;
    this.netlink = namespace.netlink();
    this.nsids = new NsidCache(this.netlink);
  }

  /** A namespace without a name, with its interfaces as they are; takes it over. @throws {KernelError} */
  static unnamed(namespace: NetworkNamespace): Space {
    const id = `netns:[${namespace.identity.ino}]`;
    const space = new Space([plainName(id, 'netns', '')], namespace);
    for (const [ifindex, record] of readAll(space.netlink)) {
      space.records.set(ifindex, record);
      const view = space.view(ifindex);
      if (view) space.put(view);
    }
    return space;
  }

  get id(): string {
    return this.#first.id;
  }

  get kind(): SpaceKind {
    return this.#first.kind;
  }

  get name(): string {
    return this.#first.name;
  }

  get aliases(): readonly string[] {
    return this.#aliases;
  }

  get command(): string | null {
    return this.#first.command;
  }

  get containers(): readonly Container[] {
    return this.#containers;
  }

  /** Takes other names for the same namespace; whether anything of them differs. */
  rename(names: readonly [SpaceName, ...SpaceName[]]): boolean {
    const [first = names[0], ...others] = inOrder(names);
    const ids = new Set(others.map(({ id }) => id));
    ids.delete(first.id);
    const aliases = [...ids];
    const containers = [...new Set([first, ...others].flatMap((name) => name.containers))];
    const same =
      first.id === this.id &&
      first.command === this.command &&
      isDeepStrictEqual(aliases, this.#aliases) &&
      isDeepStrictEqual(containers, this.#containers);
    this.#first = first;
    this.#aliases = aliases;
    this.#containers = containers;
    return !same;
  }

  get key(): string {
    return this.namespace.key;
  }

  nsidOf(other: Space): number {
    return this.nsids.get(other.key, other.namespace.fd);
  }

  linkOf(nsid: number, ifindex: number): Link | undefined {
    try {
      return this.netlink.query(getLinkOf(nsid, ifindex))[0];
    } catch (error) {
      if (error instanceof KernelError) return undefined;
      throw error;
    }
  }

  /** An interface as its record and its relations have it now; undefined where there is none. */
  view(ifindex: number): DiscoveredInterface | undefined {
    const record = this.records.get(ifindex);
    if (!record) return undefined;
    const { masterIfindex } = record.link;
    const master = masterIfindex === undefined ? undefined : this.records.get(masterIfindex);
    return viewOf(record, {
      master: master?.link.name ?? null,
      peer: this.peers.get(ifindex) ?? null,
      networkOf: (attached) => networkOf(attached, this.#containers),
    });
  }

  /** Puts an interface in its place: one that was moved here may have a lower index than others. */
  put(view: DiscoveredInterface): void {
    const { interfaces } = this;
    const isPlaced = interfaces.has(view.ifindex) || view.ifindex > this.#highestIfindex;
    this.#highestIfindex = Math.max(this.#highestIfindex, view.ifindex);
    interfaces.set(view.ifindex, view);
    if (isPlaced) return;
    const later = [...interfaces.values()].filter((other) => other.ifindex > view.ifindex);
    for (const other of later) {
      interfaces.delete(other.ifindex);
      interfaces.set(other.ifindex, other);
    }
  }

  /** Lets go of the namespace: an open socket would keep it, and the peers of its veths, alive. */
  close(): void {
    this.netlink.close();
    this.namespace.close();
  }
}
