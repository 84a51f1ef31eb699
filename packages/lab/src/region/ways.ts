/** A link between two regions, as routes are chosen by it. */
export interface WeighedLink {
  readonly between: readonly [string, string];
  /** What a packet waits from the first to the second, and from the second to the first. */
  readonly delaysNs: readonly [number, number];
  readonly broken: 'reroute' | 'blackhole' | null;
}

/** Where a region sends what is for another one. */
export type Way =
  | { readonly kind: 'via'; readonly region: string }
  | { readonly kind: 'blackhole' }
  /** The link is broken, and there is no way round it. */
  | { readonly kind: 'unreachable' };

/** What makes the way over fewer regions the shorter one of two without delay. */
const HOP_NS = 1;

/**
 * The ways of all regions to one of them. A region whose link to it is whole uses that one, however slow;
 * one whose link is broken takes the way of least delay over whole links; where neither is, nothing is said
 * and the exchange remains. A region without a link of its own that is on such a way takes it too, as
 * packets are sent on by their destination alone.
 */
export function waysTo(destination: string, links: readonly WeighedLink[]): Map<string, Way> {
  const ways = new Map<string, Way>();
  const broken = new Set<string>();
  const whole = new Map<string, number>();
  for (const { from, to, delayNs, link } of directed(links)) {
    if (to !== destination) continue;
    if (!link.broken) {
      ways.set(from, { kind: 'via', region: destination });
      whole.set(from, delayNs);
    } else if (link.broken === 'blackhole') ways.set(from, { kind: 'blackhole' });
    else broken.add(from);
  }
  const round = waysRound(destination, links, { whole, closed: new Set(ways.keys()) });
  for (const from of broken) {
    if (!round.has(from)) ways.set(from, { kind: 'unreachable' });
    for (let at = from; !ways.has(at); ) {
      const next = round.get(at);
      if (next === undefined) break;
      ways.set(at, { kind: 'via', region: next });
      at = next;
    }
  }
  return ways;
}

/**
 * The neighbours over which regions reach a destination that have no whole link to it (Dijkstra's
 * algorithm, from those that have one).
 */
function waysRound(
  destination: string,
  links: readonly WeighedLink[],
  { whole, closed }: { whole: ReadonlyMap<string, number>; closed: ReadonlySet<string> },
): Map<string, string> {
  const next = new Map<string, string>();
  const delays = new Map(whole);
  const pending = new Set(whole.keys());
  const usable = directed(links).filter(({ link, from }) => !link.broken && from !== destination);
  while (pending.size > 0) {
    const nearest = [...pending].reduce((a, b) => (delayOf(b) < delayOf(a) ? b : a));
    pending.delete(nearest);
    for (const { from, to, delayNs } of usable) {
      if (to !== nearest || closed.has(from)) continue;
      const delay = delayOf(nearest) + delayNs + HOP_NS;
      if (delay >= delayOf(from)) continue;
      delays.set(from, delay);
      next.set(from, nearest);
      pending.add(from);
    }
  }
  return next;

  function delayOf(region: string): number {
    return delays.get(region) ?? Number.POSITIVE_INFINITY;
  }
}

function directed(links: readonly WeighedLink[]) {
  return links.flatMap((link) => {
    const [a, b] = link.between;
    const [forth, back] = link.delaysNs;
    return [
      { from: a, to: b, delayNs: forth, link },
      { from: b, to: a, delayNs: back, link },
    ];
  });
}
