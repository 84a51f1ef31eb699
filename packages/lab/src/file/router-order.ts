import type { FileRouter } from '@netweir/api';
import type { Problems } from './problems.ts';

/** A router, and where in the file it is. */
export interface Placed {
  readonly router: FileRouter;
  readonly index: number;
}

/**
 * Routers in an order in which each comes after its upstream, and otherwise as they are given. Where they
 * are behind one another in a circle, that is a problem.
 */
export function inUpstreamOrder(routers: readonly FileRouter[], problems: Problems): Placed[] {
  const byName = new Map(routers.map((router, index) => [router.name, { router, index }]));
  const done = new Set<string>();
  const ordered: Placed[] = [];
  for (const start of byName.values()) {
    const way: Placed[] = [];
    let next: Placed | undefined = start;
    while (next && !done.has(next.router.name)) {
      const from = way.indexOf(next);
      if (from >= 0) {
        refuseCircle(way.slice(from), problems);
        break;
      }
      way.push(next);
      const { upstream }: FileRouter = next.router;
      next = upstream === undefined ? undefined : byName.get(upstream);
    }
    for (const placed of way.toReversed()) done.add(placed.router.name);
    ordered.push(...way.toReversed());
  }
  return ordered;
}

function refuseCircle(circle: readonly Placed[], problems: Problems): void {
  const names = circle.map(({ router }) => router.name);
  const way = [...names, names[0]].join(' → ');
  problems.add(
    ['router', circle[0]?.index ?? 0, 'upstream'],
    `routers are behind one another in a circle: ${way}`,
  );
}
