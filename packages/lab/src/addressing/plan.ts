import type { AddressPool } from '@netweir/api';
import { LabError } from '../errors.ts';
import { type Part, Pool } from './pool.ts';
import { addressAt, formatPrefix, overlaps, type Prefix, parsePrefix, sizeOf } from './prefix.ts';
import { FIRST_ROUTER, RANGES } from './ranges.ts';
import { RegionPlan } from './region-plan.ts';
import { type HostAddresses, Subnet } from './subnet.ts';

export interface SubnetWish {
  readonly pool: AddressPool;
  /** Public addresses are then the region's. */
  readonly region?: RegionPlan;
  /** The IPv4 prefix to use in place of the pool's, such as `172.20.0.0/16`. */
  readonly ipv4?: string | undefined;
}

/** The addresses of both ends of a link between two routers. */
export interface LinkAddresses {
  readonly part: Part;
  readonly ends: readonly [
    Pick<HostAddresses, 'ipv4' | 'ipv6'>,
    Pick<HostAddresses, 'ipv4' | 'ipv6'>,
  ];
}

/** A gateway and one host, between network and broadcast address. */
const SMALLEST_SUBNET = 4n;

/** Who has which addresses in one lab. The same questions in the same order get the same answers. */
export class AddressPlan {
  /** The internet exchange's network. */
  readonly exchange: Subnet = new Subnet(RANGES.exchange, FIRST_ROUTER);
  readonly #regions = new Pool(RANGES.regions);
  readonly #links = new Pool(RANGES.links);
  readonly #pools = { public: new Pool(RANGES.public), private: new Pool(RANGES.private) };
  readonly #subnets = new Map<Subnet, { readonly pool: Pool; readonly part: Part }>();

  /**
   * A network for one router to serve.
   * @throws {LabError} ERR_LAB_ADDRESSES_EXHAUSTED; ERR_LAB_INVALID_PREFIX where `ipv4` is too small,
   * no IPv4 prefix, or overlaps with another
   */
  takeSubnet({ pool: name, region, ipv4: wished }: SubnetWish): Subnet {
    const own = wished === undefined ? undefined : this.#checkOwn(wished);
    const pool = region && name === 'public' ? region.subnets : this.#pools[name];
    const taken = [...this.#subnets.keys()].map(({ prefixes }) => prefixes.ipv4);
    const part = pool.take(taken);
    const subnet = new Subnet({ ipv4: own ?? part.ipv4, ipv6: part.ipv6 });
    this.#subnets.set(subnet, { pool, part });
    return subnet;
  }

  giveBackSubnet(subnet: Subnet): void {
    const taken = this.#subnets.get(subnet);
    if (!taken) return;
    taken.pool.giveBack(taken.part);
    this.#subnets.delete(subnet);
  }

  /** @throws {LabError} ERR_LAB_ADDRESSES_EXHAUSTED */
  takeRegion(): RegionPlan {
    return new RegionPlan(this.#regions.take());
  }

  giveBackRegion({ part }: RegionPlan): void {
    this.#regions.giveBack(part);
  }

  /** @throws {LabError} ERR_LAB_ADDRESSES_EXHAUSTED */
  takeLink(): LinkAddresses {
    const part = this.#links.take();
    const end = (offset: bigint) => ({
      ipv4: addressAt(part.ipv4, offset),
      ipv6: addressAt(part.ipv6, offset),
    });
    return { part, ends: [end(0n), end(1n)] };
  }

  giveBackLink({ part }: LinkAddresses): void {
    this.#links.giveBack(part);
  }

  #checkOwn(text: string): Prefix {
    const prefix = parsePrefix(text);
    const refuse = (reason: string): LabError =>
      new LabError('ERR_LAB_INVALID_PREFIX', `${formatPrefix(prefix)} ${reason}`);
    if (prefix.family !== 4) throw refuse('is no IPv4 prefix');
    if (sizeOf(prefix) < SMALLEST_SUBNET) throw refuse('has no room for a gateway and a host');
    const { exchange, regions, links } = RANGES;
    const others = [exchange, regions, links, ...[...this.#subnets.keys()].map((s) => s.prefixes)];
    const other = others.find(({ ipv4 }) => overlaps(ipv4, prefix));
    if (other) throw refuse(`overlaps with ${formatPrefix(other.ipv4)} of the same lab`);
    return prefix;
  }
}
