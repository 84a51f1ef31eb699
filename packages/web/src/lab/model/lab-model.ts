import type {
  LabDevice,
  LabExchange,
  LabInterface,
  LabRegion,
  LabRegionLink,
  LabRouter,
  LabState,
} from '@netweir/api';
import { idOf, type LinkSubject } from './place.ts';

/** A node of a lab, with what the daemon says of it. */
export type LabNode =
  | { readonly kind: 'exchange'; readonly id: string; readonly is: LabExchange }
  | { readonly kind: 'region'; readonly id: string; readonly is: LabRegion }
  | { readonly kind: 'router'; readonly id: string; readonly is: LabRouter }
  | { readonly kind: 'device'; readonly id: string; readonly is: LabDevice };

/** Whether packets pass, and if not, why. */
export type LinkStatus = 'up' | 'no-carrier' | 'down' | 'reroute' | 'blackhole';

/** A link, from the node above to the node below, of which its interface and its ways are. */
export interface LabEdge {
  readonly id: string;
  readonly subject: LinkSubject;
  readonly from: string;
  readonly to: string;
  /** Of the lower node; empty for a link between regions. */
  readonly name: string;
  /** Of the interface whose counters are the link's; undefined where none is known. */
  readonly ifindex: number | undefined;
  readonly status: LinkStatus;
  /** The default routes of the lower node lead through it, where it has other links. */
  readonly isDefault: boolean;
  readonly egress: LabInterface['egress'];
  readonly ingress: LabInterface['ingress'];
}

export interface LabModel {
  readonly nodes: readonly LabNode[];
  readonly edges: readonly LabEdge[];
}

/** What is to be drawn of a lab, from the exchange down. */
export function labModel(state: LabState): LabModel {
  const { exchange, regions, regionLinks, routers, devices } = state;
  const nodes: LabNode[] = [
    { kind: 'exchange', id: exchange.name, is: exchange },
    ...regions.map((is) => ({ kind: 'region', id: is.node, is }) as const),
    ...routers.map((is) => ({ kind: 'router', id: is.name, is }) as const),
    ...devices.map((is) => ({ kind: 'device', id: is.name, is }) as const),
  ];
  const known = new Set(nodes.map(({ id }) => id));
  const edges = [
    ...regions.flatMap(({ node, interfaces }) =>
      edgesOf(
        node,
        interfaces.filter(({ to }) => to === exchange.name),
      ),
    ),
    ...routers.flatMap(({ name, interfaces }) => edgesOf(name, interfaces)),
    ...devices.flatMap((one) => edgesOf(one.name, one.interfaces, one.defaultInterface)),
    ...regionLinks.map((link) => regionEdge(link, regions)),
  ];
  return { nodes, edges: edges.filter(({ from, to }) => known.has(from) && known.has(to)) };
}

/** What changes where nodes or links come and go, and by nothing else. */
export function shapeOf({ nodes, edges }: LabModel): string {
  const links = edges.map(({ id, from, to }) => [id, from, to]);
  return JSON.stringify([nodes.map(({ id, kind }) => [id, kind]), links]);
}

/** The edge of a subject, whichever way round it names its regions. */
export function edgeOf({ edges }: LabModel, subject: LinkSubject): LabEdge | undefined {
  const ids = [idOf(subject)];
  if (subject.kind === 'region-link') {
    ids.push(idOf({ ...subject, between: [subject.between[1], subject.between[0]] }));
  }
  return edges.find(({ id }) => ids.includes(id));
}

/** The status of a link in words. */
export const STATUS_TEXTS: Readonly<Record<LinkStatus, string>> = {
  up: 'up',
  'no-carrier': 'no carrier',
  down: 'down',
  reroute: 'broken: rerouted',
  blackhole: 'broken: blackhole',
};

export function statusOf({ up, carrier }: Pick<LabInterface, 'up' | 'carrier'>): LinkStatus {
  if (!up) return 'down';
  return carrier ? 'up' : 'no-carrier';
}

function edgesOf(
  node: string,
  interfaces: readonly LabInterface[],
  defaultInterface: string | null = null,
): LabEdge[] {
  const isOneOfSeveral = interfaces.filter(({ to }) => to !== null).length > 1;
  return interfaces.flatMap((one) => {
    const { name, to, ifindex, egress, ingress } = one;
    if (to === null) return [];
    const subject = { kind: 'link', node, interface: name } as const;
    const isDefault = isOneOfSeveral && name === defaultInterface;
    const status = statusOf(one);
    const of = { id: idOf(subject), subject, from: to, to: node };
    return [{ ...of, name, ifindex, status, isDefault, egress, ingress }];
  });
}

function regionEdge(link: LabRegionLink, regions: readonly LabRegion[]): LabEdge {
  const [from, to] = link.between.map((name) => regions.find((one) => one.name === name));
  const subject = { kind: 'region-link', between: link.between } as const;
  return {
    id: idOf(subject),
    subject,
    from: from?.node ?? '',
    to: to?.node ?? '',
    name: '',
    ifindex: to?.interfaces.find((one) => one.to === from?.node)?.ifindex,
    status: link.broken ?? 'up',
    isDefault: false,
    egress: link.egress,
    ingress: link.ingress,
  };
}
