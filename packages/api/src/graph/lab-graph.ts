import { summarize } from '../impairment/print.ts';
import type { LinkCondition } from '../lab/link-condition.ts';
import type {
  LabDevice,
  LabInterface,
  LabRegion,
  LabRegionLink,
  LabRouter,
  LabState,
} from '../lab/state.ts';
import type { Graph, GraphEdge, GraphNode } from './graph.ts';

/** Both ways of a link, as seen from one end. */
type Ways = Pick<LabInterface, 'egress' | 'ingress'>;

/** A lab, to be drawn from the exchange down: regions are groups. */
export function labGraph(state: LabState): Graph {
  const { exchange, regions, regionLinks, routers, devices } = state;
  const nodeOf = new Map(regions.map(({ name, node }) => [name, node]));
  return {
    direction: 'TB',
    groups: regions.map(({ name }) => ({ id: `group ${name}`, label: name })),
    nodes: [
      { id: exchange.name, label: [exchange.name], shape: 'circle', group: null },
      ...regions.map(regionNode),
      ...routers.map(routerNode),
      ...devices.map(deviceNode),
    ],
    edges: [
      ...regions.flatMap(({ node, interfaces }) =>
        edgesOf(
          node,
          interfaces.filter(({ to }) => to === exchange.name),
        ),
      ),
      ...regionLinks.map((link) => regionEdge(link, nodeOf)),
      ...routers.flatMap(({ name, interfaces }) => edgesOf(name, interfaces)),
      ...devices.flatMap((one) => edgesOf(one.name, one.interfaces, one)),
    ],
  };
}

function regionNode({ name, node, ipv4 }: LabRegion): GraphNode {
  const label = [name, ...(ipv4 === null ? [] : [ipv4])];
  return { id: node, label, shape: 'box', group: `group ${name}` };
}

function routerNode({ name, region, ip, nat, natV6, firewall, downlink }: LabRouter): GraphNode {
  const badges = [
    nat !== 'none' && `NAT ${typeof nat === 'string' ? nat : 'custom'}`,
    natV6 !== 'none' && `IPv6 ${natV6}`,
    firewall !== 'none' && `firewall ${typeof firewall === 'string' ? firewall : 'custom'}`,
    ip !== 'dual-stack' && ip,
    downlink.ipv4 ?? downlink.ipv6,
  ];
  const label = [name, ...badges.filter((badge) => typeof badge === 'string')];
  return { id: name, label, shape: 'hexagon', group: region && `group ${region}` };
}

function deviceNode({ name, ipv4, ipv6 }: LabDevice): GraphNode {
  const address = ipv4 ?? ipv6;
  return { id: name, label: address ? [name, address] : [name], shape: 'rounded', group: null };
}

/** From what a node's interfaces lead to, down to it. That of a router goes without saying. */
function edgesOf(id: string, interfaces: readonly LabInterface[], device?: LabDevice): GraphEdge[] {
  return interfaces.flatMap(({ name, to, up, egress, ingress }) => {
    if (to === null) return [];
    const isDefault = interfaces.length > 1 && name === device?.defaultInterface;
    const names = device ? [isDefault ? `${name} (default)` : name] : [];
    return [
      {
        from: to,
        to: id,
        label: up ? [...names, ...waysText({ egress, ingress })] : [`${name} (down)`],
        line: up ? 'plain' : 'broken',
      },
    ];
  });
}

function regionEdge(
  { between: [a, b], broken, ...ways }: LabRegionLink,
  nodeOf: ReadonlyMap<string, string>,
): GraphEdge {
  return {
    from: nodeOf.get(a) ?? a,
    to: nodeOf.get(b) ?? b,
    label: broken === null ? waysText(ways) : [`broken: ${broken}`],
    line: broken === null ? 'dotted' : 'broken',
  };
}

/** What a link does, each way if they differ: `↑` is away from the node below. */
function waysText({ egress, ingress }: Ways): string[] {
  const [up, down] = [conditionText(egress), conditionText(ingress)];
  if (up === down) return up === '' ? [] : [up];
  return [...(up === '' ? [] : [`↑ ${up}`]), ...(down === '' ? [] : [`↓ ${down}`])];
}

function conditionText(condition: LinkCondition | null): string {
  if (condition === null || typeof condition === 'string') return condition ?? '';
  return summarize(condition);
}
