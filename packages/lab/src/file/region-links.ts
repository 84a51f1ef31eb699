import type { FileRegion, LinkConditions } from '@netweir/api';
import { conditionsOf } from './conditions.ts';
import type { Planning } from './planning.ts';

/** A link between two regions; egress is what the first one sends. */
export interface PlannedRegionLink {
  readonly between: readonly [string, string];
  readonly conditions: LinkConditions;
}

type Regions = Readonly<Record<string, FileRegion>>;

/**
 * The links of regions. What is said of a pair by one of them is so both ways; latencies may be said by
 * both, each for what it sends.
 */
export function planRegionLinks(regions: Regions, planning: Planning): PlannedRegionLink[] {
  const links = new Map<string, PlannedRegionLink>();
  for (const [from, region] of Object.entries(regions)) {
    for (const [key, to] of saidOf(region)) {
      const path = ['region', from, key, to];
      if (!(to in regions)) planning.problems.add(path, `there is no region ${to}`);
      else if (to === from) planning.problems.add(path, 'a region has no link to itself');
      else if (isSaidTwice(regions, from, to)) {
        planning.problems.add(path, `the link between ${from} and ${to} is there twice`);
      } else {
        links.set([from, to].toSorted().join(' '), planLink(regions, [from, to], path, planning));
      }
    }
  }
  return [...links.values()];
}

/** The key under which a region says something of a link, and where that leads. */
function saidOf({ latencies = {}, links = {} }: FileRegion): [key: string, to: string][] {
  return [
    ...Object.keys(latencies).map((to): [string, string] => ['latencies', to]),
    ...Object.keys(links).map((to): [string, string] => ['links', to]),
  ];
}

/** Both in a link, or in a link and a latency. */
function isSaidTwice(regions: Regions, a: string, b: string): boolean {
  const linked = [regions[a]?.links?.[b], regions[b]?.links?.[a]].filter(
    (one) => one !== undefined,
  );
  const delayed = latency(regions, a, b) !== undefined || latency(regions, b, a) !== undefined;
  return linked.length + (delayed ? 1 : 0) > 1;
}

function planLink(
  regions: Regions,
  between: [string, string],
  path: readonly string[],
  { problems }: Planning,
): PlannedRegionLink {
  const [from, to] = between.toSorted() as [string, string];
  const [forth, back] = [latency(regions, from, to), latency(regions, to, from)];
  const mean = forth ?? back;
  if (mean !== undefined) {
    const conditions =
      forth === back || forth === undefined || back === undefined
        ? { delay: { mean } }
        : { egress: { delay: { mean: forth } }, ingress: { delay: { mean: back } } };
    return { between: [from, to], conditions };
  }
  const said = regions[between[0]]?.links?.[between[1]] ?? {};
  try {
    return { between, conditions: conditionsOf(said) };
  } catch (error) {
    problems.add(path, (error as Error).message);
    return { between, conditions: {} };
  }
}

function latency(regions: Regions, from: string, to: string): string | undefined {
  const said = regions[from]?.latencies?.[to];
  return typeof said === 'number' ? `${said}ms` : said;
}
