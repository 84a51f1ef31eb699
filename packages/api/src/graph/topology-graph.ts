import type { Topology, TopologyEdge } from '../topology.ts';
import type { Graph, GraphEdge } from './graph.ts';

const LINES: Readonly<Record<Exclude<TopologyEdge['type'], 'in'>, GraphEdge['line']>> = {
  veth: 'both-ways',
  port: 'plain',
  member: 'dotted',
  bridge: 'dotted',
};

/** A host's topology, to be drawn: spaces are groups. Loopback interfaces connect nothing and are left out. */
export function topologyGraph({ nodes, edges }: Topology): Graph {
  const shown = nodes.filter(({ kind }) => kind !== 'loopback');
  const spaceOf = new Map(
    edges.flatMap(({ type, from, to }) => (type === 'in' ? [[from, to]] : [])),
  );
  return {
    direction: 'LR',
    groups: shown.filter(({ type }) => type === 'space').map(({ id }) => ({ id, label: id })),
    nodes: shown
      .filter(({ type }) => type !== 'space')
      .map(({ id, type, name, kind }) => ({
        id,
        label: [name],
        shape: type === 'network' ? 'rounded' : kind === 'bridge' ? 'hexagon' : 'box',
        group: spaceOf.get(id) ?? null,
      })),
    edges: edges.flatMap(({ type, from, to }) =>
      type === 'in' ? [] : [{ from, to, label: [], line: LINES[type] }],
    ),
  };
}
