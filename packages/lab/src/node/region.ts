import type { LinkConditions } from '@netweir/api';
import { lanOf, type Topology } from '../topology.ts';
import { LabNode } from './lab-node.ts';
import type { Member } from './member.ts';

/**
 * A part of the world: a backbone at which its routers meet, with a router of its own to the exchange and
 * to other regions. As a node it is called `region-` and its name.
 */
export class Region extends LabNode {
  /** The region's name. */
  readonly region: string;
  /** Where all of the region's public addresses are. */
  readonly networks: { readonly ipv4: string; readonly ipv6: string };
  /** The backbone router's addresses on the backbone. */
  readonly gateway: { readonly ipv4: string; readonly ipv6: string };
  /** The backbone router's addresses at the exchange. */
  readonly ipv4: string;
  readonly ipv6: string;

  readonly #topology: Topology;

  constructor(member: Member, topology: Topology, region: string) {
    super(member);
    this.#topology = topology;
    this.region = region;
    const { announced, subnet } = lanOf(member);
    this.networks = announced;
    this.gateway = { ipv4: subnet.gateway.ipv4, ipv6: subnet.gateway.ipv6 };
    this.ipv4 = member.defaultAddress('ipv4');
    this.ipv6 = member.defaultAddress('ipv6');
  }

  /** As of any node; of the interface of a link to another region as `Lab.setRegionLink`. */
  override setConditions(interfaceName: string, conditions: LinkConditions | null): void {
    const { regions } = this.#topology;
    const member = this.#topology.member(this);
    if (regions.setConditionsAt(member, interfaceName, conditions)) return;
    super.setConditions(interfaceName, conditions);
  }
}
