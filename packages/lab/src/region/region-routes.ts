import { formatPrefix, overlaps, parsePrefix } from '../addressing/prefix.ts';
import type { Member } from '../node/member.ts';
import type { StackRoute } from '../stack/network-stack.ts';
import type { RegionEnd, RegionLink } from './region-link.ts';
import { type WeighedLink, waysTo } from './ways.ts';

/** The routes from region to region, which follow from the links and from who is in which region. */
export class RegionRoutes {
  /** What regions have been given so far, by destination. */
  readonly #given = new WeakMap<Member, Map<string, StackRoute>>();

  /** Gives each region the routes that it is to have now, and takes from it what it had before. */
  set(regions: readonly Member[], links: readonly RegionLink[]): void {
    const weighed = links.map(
      ({ ends: [a, b], delaysNs, broken }): WeighedLink => ({
        between: [a.region.name, b.region.name],
        delaysNs,
        broken,
      }),
    );
    const wanted = new Map(
      regions.map((region) => [region.name, new Map<string, StackRoute>(strays(region))]),
    );
    for (const destination of regions) {
      const prefixes = prefixesOf(destination);
      for (const [from, way] of waysTo(destination.name, weighed)) {
        const end = way.kind === 'via' ? endTowards(links, from, way.region) : undefined;
        for (const prefix of prefixes) {
          const route = end ? through(end, prefix) : nowhere(prefix, way.kind);
          wanted.get(from)?.set(prefix, route);
        }
      }
    }
    for (const region of regions) this.#give(region, wanted.get(region.name) ?? new Map());
  }

  #give(region: Member, wanted: Map<string, StackRoute>): void {
    const given = this.#given.get(region) ?? new Map<string, StackRoute>();
    const isNew = (route: StackRoute): boolean => {
      const old = given.get(route.destination);
      if (!old) return true;
      const { type, ifindex, gateway } = route;
      return old.type !== type || old.ifindex !== ifindex || old.gateway !== gateway;
    };
    region.stack.setRoutes([...wanted.values()].filter(isNew));
    region.stack.deleteRoutes([...given.keys()].filter((prefix) => !wanted.has(prefix)));
    this.#given.set(region, wanted);
  }
}

/** Where a region's own addresses are, and those of networks in it that are not the region's. */
function prefixesOf({ stack, lan, region }: Member): string[] {
  const aggregate = region?.plan.aggregate ?? [];
  const own = aggregate.map(parsePrefix);
  const inside = stack.routesThrough(lan?.interface.ifindex ?? 0);
  const others = inside
    .map(({ destination }) => destination)
    .filter((prefix) => !own.some((range) => overlaps(range, parsePrefix(prefix))));
  return [...aggregate, ...others];
}

/** The ways to networks with addresses of a region that have left it, over the exchange. */
function strays({ region, upstream, defaultPlug }: Member): [string, StackRoute][] {
  if (!region || !upstream?.lan || !defaultPlug) return [];
  const own = region.plan.aggregate.map(parsePrefix);
  const { ipv4, ipv6 } = defaultPlug.addresses;
  const { gateway } = defaultPlug.lan;
  return upstream.stack
    .routesThrough(upstream.lan.interface.ifindex)
    .filter((route) => route.gateway !== ipv4 && route.gateway !== ipv6)
    .map(({ destination }) => parsePrefix(destination))
    .filter((prefix) => own.some((range) => overlaps(range, prefix)))
    .flatMap((prefix) => {
      const via = prefix.family === 4 ? gateway.ipv4 : gateway.ipv6;
      const { ifindex } = defaultPlug.interface;
      const destination = formatPrefix(prefix);
      return via === undefined ? [] : [[destination, { destination, gateway: via, ifindex }]];
    });
}

function endTowards(links: readonly RegionLink[], from: string, to: string): RegionEnd | undefined {
  for (const { ends } of links) {
    const [a, b] = ends;
    if (a.region.name === from && b.region.name === to) return a;
    if (b.region.name === from && a.region.name === to) return b;
  }
  return undefined;
}

function through({ interface: { ifindex }, gateway }: RegionEnd, destination: string): StackRoute {
  return { destination, ifindex, gateway: destination.includes(':') ? gateway.ipv6 : gateway.ipv4 };
}

function nowhere(destination: string, kind: 'via' | 'blackhole' | 'unreachable'): StackRoute {
  return { destination, type: kind === 'blackhole' ? 'blackhole' : 'unreachable' };
}
