import type { Container, Counters, Interface, RuntimeStatus, SpaceKind } from '@netweir/api';
import type { NetlinkSocket, NetworkNamespace, Qdisc } from '@netweir/kernel';

/**
 * A network namespace of this host, with all names that lead to it. The object lives as long as the
 * namespace is known by one of them and its first name stays; afterwards its sockets are closed.
 */
export interface DiscoveredSpace {
  /** The first of its names: `host`, `docker:web`, `pod:shop/cart-0`, `netns:client`, `pid:4711`. */
  readonly id: string;
  readonly kind: SpaceKind;
  readonly name: string;
  /** Its other names, as ids. */
  readonly aliases: readonly string[];
  /** Of `pid:N`: the command line of this process. */
  readonly command: string | null;
  /** Those that live in it, by age. */
  readonly containers: readonly Container[];
  readonly namespace: NetworkNamespace;
  /** A socket for requests inside; it is closed with the space. */
  readonly netlink: NetlinkSocket;
  /** By index, in ascending order. */
  readonly interfaces: ReadonlyMap<number, DiscoveredInterface>;
}

/** An interface as it is; a change makes a new object. */
export interface DiscoveredInterface
  extends Readonly<
    Omit<Interface, 'qdiscs' | 'egress' | 'ingress' | 'trafficRules' | 'expiresAt' | 'rule'>
  > {
  /** The whole tree, ingress and clsact included; without statistics, which nothing keeps current. */
  readonly qdiscs: readonly Qdisc[];
}

/** One difference between what was known and what is. */
export type DiscoveryChange =
  /**
   * A new space, with all interfaces that it has by then; or a known one whose aliases or containers
   * have changed.
   */
  | { readonly type: 'space'; readonly space: DiscoveredSpace }
  /** A name is gone: with its namespace, or because that is known by another name now. */
  | { readonly type: 'space-removed'; readonly id: string; readonly key: string }
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
    }
  | { readonly type: 'runtimes'; readonly runtimes: readonly RuntimeStatus[] }
  /** All containers that do not run. */
  | { readonly type: 'stopped'; readonly stopped: readonly Container[] };
