import type { Firewall, LinkConditions } from '@netweir/api';
import type { AddressPool } from '../addressing/plan.ts';
import type { HostAddresses, Subnet } from '../addressing/subnet.ts';
import { NodeRemoved } from '../errors.ts';
import type { ExactFirewall } from '../firewall/exact-firewall.ts';
import type { PacketFilter, PacketFilterOptions } from '../firewall/packet-filter.ts';
import { LabNode } from './lab-node.ts';
import type { Member } from './member.ts';

/** How a router is connected, and what it serves. */
export interface RouterOptions extends PacketFilterOptions {
  /** The router that its uplink leads to; the internet exchange by default. */
  readonly upstream?: Router;
  /** Where the addresses of its network are from; `public` by default. */
  readonly addresses?: AddressPool;
  /** An IPv4 prefix for its network in place of the pool's, such as `172.20.0.0/16`. */
  readonly downlink?: string;
  /** Bytes, of its uplink and its network's bridge; 1500 by default, at least 1280. */
  readonly mtu?: number;
  /** Of the link of its uplink, as seen from it: see `LabNode.setConditions`. */
  readonly conditions?: LinkConditions;
  /** Of its network's bridge: `egress` is what it sends to all that are connected to it. */
  readonly downlinkConditions?: LinkConditions;
}

/** A router's network. */
export interface Downlink {
  /** With prefix lengths. */
  readonly ipv4: string;
  readonly ipv6: string;
  /** The router's own addresses there. */
  readonly gateway: { readonly ipv4: string; readonly ipv6: string };
}

/** A node that forwards between its uplink (`ix` or `wan`) and its network (the bridge `lan`). */
export class Router extends LabNode {
  /** The uplink's addresses. */
  readonly ipv4: string;
  readonly ipv6: string;
  readonly downlink: Downlink;
  readonly #member: Member;

  constructor(member: Member, uplink: HostAddresses, { ipv4, ipv6, gateway }: Subnet) {
    super(member);
    this.#member = member;
    this.ipv4 = uplink.ipv4;
    this.ipv6 = uplink.ipv6;
    this.downlink = { ipv4, ipv6, gateway: { ipv4: gateway.ipv4, ipv6: gateway.ipv6 } };
  }

  /** What it lets through, in every detail. */
  get firewall(): ExactFirewall {
    return this.#filter().firewall;
  }

  /** Whether it drops what says that a packet is too big. */
  get blockFragNeeded(): boolean {
    return this.#filter().blockFragNeeded;
  }

  /**
   * Gives it another firewall, all at once. What belongs to a connection that was let through before goes
   * on, whatever the new one says.
   * @throws {NetweirError} `invalid-request`
   */
  setFirewall(firewall: Firewall): void {
    this.#filter().setFirewall(firewall);
    this.#member.tell('firewall-changed', undefined, { ...this.firewall });
  }

  /** Makes path MTU discovery fail through it, or work again; hosts still know what they have learned. */
  setBlockFragNeeded(block: boolean): void {
    this.#filter().setBlockFragNeeded(block);
    this.#member.tell('block-frag-needed-changed', undefined, block);
  }

  #filter(): PacketFilter {
    const { removed, filter } = this.#member;
    if (removed || !filter) throw new NodeRemoved(this.name);
    return filter;
  }
}
