import * as z from 'zod';
import type { Interface, Inventory, Space } from './inventory.ts';
import {
  belowRouterAddress,
  isLabSwitches,
  LAB_SWITCHES,
  switchBelowRouter,
  switchOfPort,
} from './lab/switch-port.ts';

/** A space, an interface of one, or a network of a runtime or a lab. */
export const TopologyNode = z
  .strictObject({
    id: z.string().meta({
      description: 'Stays the same as long as the names do.',
      examples: ['docker:web', 'docker:web/eth0', 'network:/run/docker.sock/shop_default'],
    }),
    type: z.enum(['space', 'interface', 'network']),
    name: z.string(),
    kind: z.string().nullable().meta({
      description: 'Of the space or of the interface; of a network its driver, or `switch`.',
    }),
  })
  .meta({ id: 'TopologyNode' });
export type TopologyNode = z.infer<typeof TopologyNode>;

export const TopologyEdge = z
  .strictObject({
    type: z.enum(['in', 'veth', 'port', 'member', 'bridge']).meta({
      description:
        '`in`: an interface in its space; `veth`: the two ends of a pair; `port`: an interface and its master; `member`: an interface and its network; `bridge`: a network and the bridge that it is made of.',
    }),
    from: z.string(),
    to: z.string(),
  })
  .meta({ id: 'TopologyEdge' });
export type TopologyEdge = z.infer<typeof TopologyEdge>;

/** How everything is connected. */
export const Topology = z
  .strictObject({ nodes: z.array(TopologyNode), edges: z.array(TopologyEdge) })
  .meta({ id: 'Topology' });
export type Topology = z.infer<typeof Topology>;

/** An interface with its space, by the id of its node. */
type Places = ReadonlyMap<string, { readonly space: Space; readonly one: Interface }>;

/** What an inventory says of connections. Every edge leads from a node to a node, and is there once. */
export function topologyOf({ spaces }: Inventory): Topology {
  const places: Places = new Map(
    spaces.flatMap((space) =>
      space.interfaces.map((one) => [`${space.id}/${one.name}`, { space, one }] as const),
    ),
  );
  const below = belowRouters(spaces);
  const networks = new Map<string, TopologyNode>();
  const edges = new Map<string, TopologyEdge>();
  for (const [id, { space, one }] of places) {
    const network = networkOf(space, one) ?? switchOf(below, space, one);
    if (network) networks.set(network.id, network);
    for (const edge of edgesOf(places, id, network)) {
      edges.set(JSON.stringify([edge.type, edge.from, edge.to]), edge);
    }
  }
  const nodes = [
    ...spaces.map(({ id, kind, name }): TopologyNode => ({ id, type: 'space', name, kind })),
    ...[...places].map(([id, { one }]): TopologyNode => {
      return { id, type: 'interface', name: one.name, kind: one.kind };
    }),
    ...networks.values(),
  ];
  return { nodes, edges: [...edges.values()] };
}

function edgesOf(places: Places, id: string, network: TopologyNode | undefined): TopologyEdge[] {
  const place = places.get(id);
  if (!place) return [];
  const end = endOf(places, place.one);
  const master = masterOf(places, id);
  const bridge = end && masterOf(places, end);
  const [first, second] = end !== undefined && end < id ? [end, id] : [id, end];
  return [
    { type: 'in', from: id, to: place.space.id },
    ...(second ? [{ type: 'veth', from: first, to: second } as const] : []),
    ...(master ? [{ type: 'port', from: id, to: master } as const] : []),
    ...(network ? [{ type: 'member', from: id, to: network.id } as const] : []),
    ...(network && bridge ? [{ type: 'bridge', from: network.id, to: bridge } as const] : []),
  ];
}

function endOf(places: Places, { peer }: Interface): string | undefined {
  const id = peer ? `${peer.space}/${peer.interface}` : '';
  return places.has(id) ? id : undefined;
}

function masterOf(places: Places, id: string): string | undefined {
  const place = places.get(id);
  if (!place || place.one.master === null) return undefined;
  const master = `${place.space.id}/${place.one.master}`;
  return places.has(master) ? master : undefined;
}

/** Two runtimes may have networks of the same name: its id tells whose it is. */
function networkOf({ containers }: Space, { network }: Interface): TopologyNode | undefined {
  if (!network) return undefined;
  const { name, driver } = network;
  const owner = containers.find(({ networks }) => networks.some((one) => one.name === name));
  const id = `network:${owner?.endpoint ?? owner?.runtime ?? ''}/${name}`;
  return { id, type: 'network', name, kind: driver };
}

/** Switches of labs, by the space that they are in and the Ethernet address of the router's interface. */
type BelowRouters = ReadonlyMap<string, string>;

function belowRouters(spaces: readonly Space[]): BelowRouters {
  const all = spaces.filter(({ id }) => isLabSwitches(id));
  return new Map(
    all.flatMap(({ id, interfaces }) =>
      interfaces.flatMap(({ name, mac }) => {
        const found = switchBelowRouter(name);
        if (found === undefined || mac === null) return [];
        return [[`${id} ${belowRouterAddress(mac)}`, found]];
      }),
    ),
  );
}

/** A lab's switch, which its ports are in, and the interface of the router whose network it is. */
function switchOf(below: BelowRouters, space: Space, one: Interface): TopologyNode | undefined {
  const switches = space.id.replace(/^(lab:[^/]+)\/.*$/u, `$1/${LAB_SWITCHES}`);
  const name = isLabSwitches(space.id)
    ? switchOfPort(one.name)
    : below.get(`${switches} ${one.kind === 'macvlan' ? one.mac : ''}`);
  if (name === undefined) return undefined;
  return { id: `network:${switches}/${name}`, type: 'network', name, kind: 'switch' };
}
