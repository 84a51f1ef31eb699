import type { Container, Peer, SpaceKind } from '@netweir/api';
import { KernelError, type Link, type NetlinkSocket, type NetworkNamespace } from '@netweir/kernel';
import { viewOf } from './interface-view.ts';
import type { DiscoveredInterface, DiscoveredSpace } from './model.ts';
import { NsidCache } from './nsid-cache.ts';
import { getLinkOf } from './peer-link.ts';
import type { PeerSpace } from './peers.ts';
import { type InterfaceRecord, readAll } from './record.ts';

const NAMED = 'netns:';

/** A space with what is behind its interfaces. */
export class Space implements DiscoveredSpace, PeerSpace {
  readonly id: string;
  readonly kind: SpaceKind;
  readonly name: string;
  readonly aliases: readonly string[] = [];
  readonly command: string | null = null;
  readonly containers: readonly Container[] = [];
  readonly namespace: NetworkNamespace;
  readonly netlink: NetlinkSocket;
  readonly nsids: NsidCache;
  readonly interfaces: Map<number, DiscoveredInterface> = new Map();
  readonly records: Map<number, InterfaceRecord> = new Map();
  peers: ReadonlyMap<number, Peer> = new Map();
  #highestIfindex = 0;

  private constructor(id: string, kind: 'host' | 'netns', name: string, inside: NetworkNamespace) {
    this.id = id;
    this.kind = kind;
    this.name = name;
    this.namespace = inside;
    this.netlink = inside.netlink();
    this.nsids = new NsidCache(this.netlink);
  }

  /** The namespace of this process; takes over `namespace`. @throws {KernelError} */
  static host(namespace: NetworkNamespace): Space {
    return new Space('host', 'host', 'host', namespace);
  }

  /** A namespace that `ip netns` lists; takes over `namespace`. @throws {KernelError} */
  static named(name: string, namespace: NetworkNamespace): Space {
    return new Space(spaceId(name), 'netns', name, namespace);
  }

  /** A namespace without a name, with its interfaces as they are; takes it over. @throws {KernelError} */
  static unnamed(namespace: NetworkNamespace): Space {
    const space = new Space(`netns:[${namespace.identity.ino}]`, 'netns', '', namespace);
    for (const [ifindex, record] of readAll(space.netlink)) {
      space.records.set(ifindex, record);
      const view = space.view(ifindex);
      if (view) space.put(view);
    }
    return space;
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

export function spaceId(name: string): string {
  return `${NAMED}${name}`;
}

/** The name that `ip netns` has for a space; undefined for the host and for what can be no name. */
export function nameOfSpace(id: string): string | undefined {
  const name = id.startsWith(NAMED) ? id.slice(NAMED.length) : '';
  return name === '' || name === '.' || name === '..' || name.includes('/') ? undefined : name;
}
