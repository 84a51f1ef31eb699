import type { LabEventKind, LabRegionLink, LinkConditions } from '@netweir/api';
import { parseDuration } from '@netweir/api';
import type { AddressPlan } from '../addressing/plan.ts';
import type { Conditions, ConditionsInForce } from '../condition/conditions.ts';
import { LabError } from '../errors.ts';
import type { Member } from '../node/member.ts';
import {
  type BreakMode,
  connectRegions,
  disconnectRegions,
  linkOf,
  type RegionEnd,
  type RegionLink,
} from './region-link.ts';
import { RegionRoutes } from './region-routes.ts';

/** The regions of one lab and the links between them. */
export class Regions {
  readonly #plan: AddressPlan;
  readonly #conditions: Conditions;
  readonly #regions = new Set<Member>();
  readonly #links: RegionLink[] = [];
  readonly #routes = new RegionRoutes();

  constructor(plan: AddressPlan, conditions: Conditions) {
    this.#plan = plan;
    this.#conditions = conditions;
  }

  /** The links as they are now. */
  get links(): LabRegionLink[] {
    return this.#links.map((link) => {
      const { egress, ingress } = this.#inForce(link);
      const [a, b] = link.ends;
      const between: [string, string] = [nameOf(a.region), nameOf(b.region)];
      return { between, egress, ingress, broken: link.broken };
    });
  }

  link(a: Member, b: Member, conditions: LinkConditions | null): void {
    if (a === b || this.#find(a, b)) {
      throw new LabError(
        'ERR_LAB_REGION_LINK',
        a === b
          ? `region ${nameOf(a)} cannot be linked to itself`
          : `regions ${nameOf(a)} and ${nameOf(b)} are linked already`,
        'change the link: setRegionLink',
      );
    }
    const addresses = this.#plan.takeLink();
    let link: RegionLink | undefined;
    try {
      link = connectRegions(a, b, addresses);
      this.#conditions.set(linkOf(link, link.ends[0]), conditions);
    } catch (error) {
      if (link) this.#disconnect(link);
      this.#plan.giveBackLink(addresses);
      throw error;
    }
    this.#links.push(link);
    this.#reroute();
    this.#tell('region-link-added', link);
  }

  /** The conditions as seen from `a`. */
  setConditions(a: Member, b: Member, conditions: LinkConditions | null): void {
    const link = this.#linkOf(a, b);
    const from = link.ends.find(({ region }) => region === a) ?? link.ends[0];
    this.#change(link, from, conditions);
  }

  /** The conditions as seen from an interface of a region; false where that is no link's. */
  setConditionsAt(region: Member, name: string, conditions: LinkConditions | null): boolean {
    for (const link of this.#links) {
      const from = link.ends.find((end) => end.region === region && end.interface.name === name);
      if (!from) continue;
      this.#change(link, from, conditions);
      return true;
    }
    return false;
  }

  break(a: Member, b: Member, mode: BreakMode): void {
    const link = this.#linkOf(a, b);
    this.#setBroken(link, mode);
    this.#tell('region-link-broken', link);
  }

  restore(a: Member, b: Member): void {
    const link = this.#linkOf(a, b);
    if (!link.broken) {
      throw new LabError(
        'ERR_LAB_REGION_LINK',
        `the link between regions ${nameOf(a)} and ${nameOf(b)} is not broken`,
      );
    }
    this.#setBroken(link, null);
    this.#tell('region-link-restored', link);
  }

  unlink(a: Member, b: Member): void {
    this.#remove(this.#linkOf(a, b));
  }

  /** Makes the router of a backbone, which is connected to the exchange, the router of a region. */
  enter(region: Member): void {
    const aggregate = region.region?.plan.aggregate ?? [];
    // Else what is for nobody would go to and fro between it and the exchange.
    region.stack.setRoutes(aggregate.map((destination) => ({ destination, type: 'unreachable' })));
    this.#regions.add(region);
  }

  /** Takes a region's links away, and gives its addresses back. */
  leave(region: Member): void {
    for (const link of this.#links.filter(({ ends }) => ends.some((end) => end.region === region)))
      this.#remove(link);
    this.#regions.delete(region);
    if (region.region) this.#plan.giveBackRegion(region.region.plan);
    this.#reroute();
  }

  /** Sets the routes between regions anew, as far as they are others now. */
  route(): void {
    if (this.#regions.size > 0) this.#routes.set([...this.#regions], this.#links);
  }

  #setBroken(link: RegionLink, broken: BreakMode | null): void {
    const { broken: former } = link;
    link.broken = broken;
    try {
      this.#reroute();
    } catch (error) {
      link.broken = former;
      try {
        this.#reroute();
      } catch {
        // Where routes cannot be set they are as they were; the first error says why.
      }
      throw error;
    }
  }

  /** As `route`, after something changed at a link. */
  #reroute(): void {
    for (const link of this.#links) link.delaysNs = this.#delaysNs(link);
    this.route();
  }

  #change(link: RegionLink, from: RegionEnd, conditions: LinkConditions | null): void {
    this.#conditions.set(linkOf(link, from), conditions);
    this.#reroute();
    this.#tell('region-link-changed', link);
  }

  #remove(link: RegionLink): void {
    const last = this.#inForce(link);
    this.#links.splice(this.#links.indexOf(link), 1);
    this.#disconnect(link);
    this.#plan.giveBackLink(link.addresses);
    this.#reroute();
    this.#tell('region-link-removed', link, last);
  }

  #disconnect(link: RegionLink): void {
    this.#conditions.forget(linkOf(link, link.ends[0]));
    disconnectRegions(link);
  }

  #find(a: Member, b: Member): RegionLink | undefined {
    return this.#links.find(({ ends }) =>
      [a, b].every((one) => ends.some((e) => e.region === one)),
    );
  }

  #linkOf(a: Member, b: Member): RegionLink {
    const link = this.#find(a, b);
    if (link) return link;
    throw new LabError(
      'ERR_LAB_REGION_LINK',
      `regions ${nameOf(a)} and ${nameOf(b)} are not linked`,
      'link them: linkRegions',
    );
  }

  #inForce(link: RegionLink): ConditionsInForce {
    return this.#conditions.inForce(linkOf(link, link.ends[0]));
  }

  #delaysNs(link: RegionLink): readonly [number, number] {
    const { egress, ingress } = this.#inForce(link);
    const delayNs = (mean: string | undefined) => (mean === undefined ? 0 : parseDuration(mean));
    return [delayNs(egress?.delay?.mean), delayNs(ingress?.delay?.mean)];
  }

  #tell(kind: LabEventKind, link: RegionLink, conditions = this.#inForce(link)): void {
    const [a, b] = link.ends;
    const { egress, ingress } = conditions;
    const between = [nameOf(a.region), nameOf(b.region)];
    const value = { between, egress, ingress, broken: link.broken };
    a.region.tell(kind, a.interface.name, JSON.parse(JSON.stringify(value)));
  }
}

function nameOf({ name, region }: Member): string {
  return region?.name ?? name;
}
