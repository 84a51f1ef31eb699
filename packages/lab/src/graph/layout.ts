import { Graph as DagreGraph, layout } from '@dagrejs/dagre';
import type { Graph, GraphEdge, GraphGroup, GraphNode } from '@netweir/api';

/** A rectangle by its centre; all lengths are in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where everything of a graph is. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly groups: readonly (Box & { readonly group: GraphGroup })[];
  readonly nodes: readonly (Box & { readonly node: GraphNode })[];
  readonly edges: readonly {
    readonly edge: GraphEdge;
    readonly points: readonly Point[];
    /** The middle of its label. */
    readonly label: Point;
  }[];
}

export const LINE_HEIGHT = 16;
/** Of a sans-serif font of 12 pixels, rather too much than too little. */
const CHARACTER_WIDTH = 7;
const PADDING = 12;
const MARGIN = 16;

/** Places the nodes of a graph in ranks, with as few crossings as may be. */
export function layOut({ direction, groups, nodes, edges }: Graph): Layout {
  const dagre = new DagreGraph({ compound: true, multigraph: true });
  dagre.setGraph({ rankdir: direction, marginx: MARGIN, marginy: MARGIN, ranksep: 48 });
  for (const { id } of groups) dagre.setNode(id, {});
  for (const node of nodes) dagre.setNode(node.id, sizeOf(node));
  for (const { id, group } of nodes) if (group !== null) dagre.setParent(id, group);
  for (const [index, { from, to, label }] of edges.entries()) {
    const size = { width: widthOf(label), height: label.length * LINE_HEIGHT };
    dagre.setEdge(from, to, { ...size, labelpos: 'c' }, String(index));
  }
  layout(dagre);
  const { width = 0, height = 0 } = dagre.graph();
  return {
    width,
    height,
    groups: groups.map((group) => ({ ...boxOf(dagre.node(group.id)), group })),
    nodes: nodes.map((node) => ({ ...boxOf(dagre.node(node.id)), node })),
    edges: edges.map((edge, index) => {
      const { points = [], x = 0, y = 0 } = dagre.edge(edge.from, edge.to, String(index));
      return { edge, points, label: { x, y } };
    }),
  };
}

function sizeOf({ label, shape }: GraphNode): { width: number; height: number } {
  const width = widthOf(label) + 2 * PADDING;
  const height = label.length * LINE_HEIGHT + PADDING;
  if (shape !== 'circle')
    return { width: shape === 'hexagon' ? width + height / 2 : width, height };
  const diameter = Math.max(width, height);
  return { width: diameter, height: diameter };
}

function widthOf(lines: readonly string[]): number {
  return Math.max(0, ...lines.map((line) => line.length)) * CHARACTER_WIDTH;
}

function boxOf({ x = 0, y = 0, width, height }: Partial<Point> & Omit<Box, 'x' | 'y'>): Box {
  return { x, y, width, height };
}
