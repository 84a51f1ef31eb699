import { type Part, Pool } from './pool.ts';
import { formatPrefix, partOf } from './prefix.ts';
import { FIRST_ROUTER, SUBNET_LENGTH } from './ranges.ts';
import { Subnet } from './subnet.ts';

/** The addresses of a region: a backbone for its routers, and public subnets for these to serve. */
export class RegionPlan {
  /** The region's part of the range of all regions. */
  readonly part: Part;
  readonly backbone: Subnet;
  readonly subnets: Pool;

  constructor(part: Part) {
    const { ipv4, ipv6 } = part;
    this.part = part;
    const backbone = {
      ipv4: partOf(ipv4, SUBNET_LENGTH.ipv4, 0),
      ipv6: partOf(ipv6, SUBNET_LENGTH.ipv6, 0),
    };
    this.backbone = new Subnet(backbone, FIRST_ROUTER);
    this.subnets = new Pool({
      part: `public subnet of the region ${formatPrefix(ipv4)}`,
      ipv4,
      ipv6,
      partLength: SUBNET_LENGTH,
      firstIndex: 1,
    });
  }

  /** What leads to all of the region, its subnets too: one route of each family. */
  get aggregate(): readonly [ipv4: string, ipv6: string] {
    return [formatPrefix(this.part.ipv4), formatPrefix(this.part.ipv6)];
  }
}
