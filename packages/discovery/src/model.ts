import type { Counters, Interface } from '@netweir/api';
import type { NetlinkSocket, NetworkNamespace, Qdisc } from '@netweir/kernel';

/**
 * A network namespace of this host. The object lives as long as the namespace is known under this name;
 * afterwards its sockets are closed. A namespace with two names is two spaces.
 */
export interface DiscoveredSpace {
  /** `host`, or `netns:NAME`. */
  readonly id: string;
  readonly kind: 'host' | 'netns';
  readonly name: string;
  readonly namespace: NetworkNamespace;
  /** A socket for requests inside; it is closed with the space. */
  readonly netlink: NetlinkSocket;
  /** By index, in ascending order. */
  readonly interfaces: ReadonlyMap<number, DiscoveredInterface>;
}

/** An interface as it is; a change makes a new object. */
export interface DiscoveredInterface
  extends Readonly<Omit<Interface, 'qdiscs' | 'egress' | 'ingress' | 'expiresAt'>> {
  /** The whole tree, ingress and clsact included; without statistics, which nothing keeps current. */
  readonly qdiscs: readonly Qdisc[];
}

/** One difference between what was known and what is. */
export type DiscoveryChange =
  /** A new space, with all interfaces that it has by then. */
  | { readonly type: 'space'; readonly space: DiscoveredSpace }
  | { readonly type: 'space-removed'; readonly id: string }
  /** A new interface, or one of which something other than counters changed. */
  | {
      readonly type: 'interface';
      readonly space: DiscoveredSpace;
      readonly interface: DiscoveredInterface;
    }
  | {
      readonly type: 'interface-removed';
      readonly space: DiscoveredSpace;
      readonly ifindex: number;
    }
  | {
      readonly type: 'counters';
      readonly space: DiscoveredSpace;
      readonly ifindex: number;
      readonly counters: Counters;
    };
