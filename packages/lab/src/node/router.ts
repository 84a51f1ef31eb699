import type { LinkConditions } from '@netweir/api';
import type { AddressPool } from '../addressing/plan.ts';
import type { HostAddresses, Subnet } from '../addressing/subnet.ts';
import { LabNode } from './lab-node.ts';
import type { Member } from './member.ts';

/** How a router is connected, and what it serves. */
export interface RouterOptions {
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

  constructor(member: Member, uplink: HostAddresses, { ipv4, ipv6, gateway }: Subnet) {
    super(member);
    this.ipv4 = uplink.ipv4;
    this.ipv6 = uplink.ipv6;
    this.downlink = { ipv4, ipv6, gateway: { ipv4: gateway.ipv4, ipv6: gateway.ipv6 } };
  }
}
