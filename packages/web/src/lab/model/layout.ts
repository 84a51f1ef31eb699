import { Graph, layout } from '@dagrejs/dagre';
import type { LabEdge, LabModel, LabNode } from './lab-model.ts';

/** Where a node is drawn, in the graph's own units. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Layout {
  readonly boxes: ReadonlyMap<string, Box>;
  /** Nodes that stand in columns below their router: their links come from the side. */
  readonly inColumns: ReadonlySet<string>;
  /** By link, the points that it passes on its way past other nodes. */
  readonly bends: ReadonlyMap<string, readonly Point[]>;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Room {
  readonly width: number;
  readonly height: number;
}

/** What a lab is laid out for. */
export interface Format {
  /** The window in the graph's own units: a graph that is larger is drawn smaller. */
  readonly room: Room;
  readonly sizes: Readonly<Record<LabNode['kind'], Room>>;
  /** Beside a region, for the labels of its links to other regions. */
  readonly regionMargin: number;
}

export const WIDE: Format = {
  room: { width: 1200, height: 640 },
  sizes: {
    exchange: { width: 108, height: 44 },
    region: { width: 168, height: 56 },
    router: { width: 220, height: 96 },
    device: { width: 190, height: 80 },
  },
  regionMargin: 130,
};

/** A phone's: nodes are as narrow as can be, so that three beside each other can be read. */
export const NARROW: Format = {
  room: { width: 560, height: 760 },
  sizes: {
    exchange: { width: 96, height: 44 },
    region: { width: 124, height: 56 },
    router: { width: 150, height: 128 },
    device: { width: 150, height: 80 },
  },
  regionMargin: 72,
};

/** What a device is wide for each of several links, whose labels are above it. */
const WIDTH_PER_LINK = 165;
/** Between nodes beside each other, and between ranks: the links' labels are there. */
const NODE_GAP = 34;
const RANK_GAP = 98;
/** Within a block of columns. */
const GUTTER = 30;
const ROW_GAP = 34;
/** Leaves below one node stand side by side up to here. */
const MAX_ROW = 3;

/** A place for each node such that the whole is as large as can be in this room. */
export function layOut(model: LabModel, format: Format): Layout {
  const { room } = format;
  const most = Math.max(1, ...[...leavesOf(model).values()].map((leaves) => leaves.length));
  const heights = [...new Set([0, 2, 3, 4, 5, 6, 8, 10, 14, 20, 30].filter((n) => n <= most + 1))];
  const candidates = heights.map((rows) => arrange(model, rows, format));
  const scale = ({ boxes }: Layout): number => {
    const size = extentOf(boxes.values());
    return Math.min(1, room.width / size.width, room.height / size.height);
  };
  // The first of equals has the fewest columns that hang.
  return candidates.reduce((best, one) => (scale(one) > scale(best) * 1.02 ? one : best));
}

/** The size of the smallest area that holds all. */
export function extentOf(boxes: Iterable<Box>): Room {
  const all = [...boxes];
  const right = Math.max(...all.map(({ x, width }) => x + width));
  const bottom = Math.max(...all.map(({ y, height }) => y + height));
  const left = Math.min(...all.map(({ x }) => x));
  const top = Math.min(...all.map(({ y }) => y));
  return { width: right - left, height: bottom - top };
}

/** By node, those that have no link but one to it: they can be moved as one. */
function leavesOf({ nodes, edges }: LabModel): Map<string, LabNode[]> {
  const ends = new Map<string, LabEdge[]>();
  for (const edge of edges) {
    for (const end of [edge.from, edge.to]) ends.set(end, [...(ends.get(end) ?? []), edge]);
  }
  const leaves = new Map<string, LabNode[]>();
  for (const node of nodes) {
    const [link, ...others] = ends.get(node.id) ?? [];
    if (!link || others.length > 0 || link.to !== node.id) continue;
    leaves.set(link.from, [...(leaves.get(link.from) ?? []), node]);
  }
  return leaves;
}

/** With `rows` nodes in each column of a block; 0 for no columns. */
function arrange(model: LabModel, rows: number, { sizes, regionMargin }: Format): Layout {
  const blocks = rows === 0 ? [] : [...leavesOf(model)].filter(([, all]) => all.length > MAX_ROW);
  const inColumns = new Set(blocks.flatMap(([, all]) => all.map(({ id }) => id)));
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'TB', nodesep: NODE_GAP, ranksep: RANK_GAP });
  graph.setDefaultEdgeLabel(() => ({}));
  const sizeOf = sizesIn(model, sizes);
  for (const { id, kind } of model.nodes) {
    const { width, height } = sizeOf(id, kind);
    const margin = kind === 'region' ? regionMargin : 0;
    if (!inColumns.has(id)) graph.setNode(id, { width: width + margin, height });
  }
  // Regions stand side by side, whatever links them; links over others need room above.
  const links = model.edges.filter(({ subject }) => subject.kind === 'link');
  const hasArcs = model.edges.length - links.length > 1;
  const kinds = new Map(model.nodes.map(({ id, kind }) => [id, kind]));
  for (const { id, from, to } of links) {
    const minlen = hasArcs && kinds.get(to) === 'region' ? 2 : 1;
    if (!inColumns.has(to)) graph.setEdge(from, to, { minlen }, id);
  }
  for (const [parent, all] of blocks) {
    const { width, height } = blockOf(all, rows, sizes);
    graph.setNode(`${parent} below`, { width, height });
    graph.setEdge(parent, `${parent} below`, {}, 'below');
  }
  layout(graph);
  if (isMirrored(model, graph)) mirror(graph);
  const boxes = new Map<string, Box>();
  for (const { id, kind } of model.nodes) {
    if (!inColumns.has(id)) boxes.set(id, boxIn(graph, id, sizeOf(id, kind)));
  }
  for (const [parent, all] of blocks) {
    const size = blockOf(all, rows, sizes);
    const { x, y } = boxIn(graph, `${parent} below`, size);
    for (const [id, box] of size.boxes) {
      boxes.set(id, { ...box, x: box.x + x, y: box.y + y });
    }
  }
  return { boxes, inColumns, bends: bendsIn(graph) };
}

function sizesIn(
  { edges }: LabModel,
  sizes: Format['sizes'],
): (id: string, kind: LabNode['kind']) => Room {
  return (id, kind) => {
    const { width, height } = sizes[kind];
    const links = kind === 'device' ? edges.filter(({ to }) => to === id).length : 0;
    return { width: links > 1 ? Math.max(width, links * WIDTH_PER_LINK) : width, height };
  };
}

function boxIn(graph: Graph, id: string, { width, height }: Room): Box {
  const { x = 0, y = 0 } = graph.node(id) as Partial<Point>;
  return { x: x - width / 2, y: y - height / 2, width, height };
}

/** Whether what is first in the lab is to the right of what is last. */
function isMirrored({ nodes }: LabModel, graph: Graph): boolean {
  let drift = 0;
  const last = new Map<string, number>();
  for (const { id, kind } of nodes) {
    if (!graph.hasNode(id)) continue;
    const { x = 0 } = graph.node(id) as Partial<Point>;
    drift += Math.sign(x - (last.get(kind) ?? x));
    last.set(kind, x);
  }
  return drift < 0;
}

function mirror(graph: Graph): void {
  const flip = (place: { x?: number }): void => {
    place.x = -(place.x ?? 0);
  };
  for (const id of graph.nodes()) flip(graph.node(id) as { x?: number });
  for (const { v, w, name } of graph.edges()) {
    const { points = [] } = graph.edge(v, w, name) as { points?: { x?: number }[] };
    for (const point of points) flip(point);
  }
}

/** Those of links that pass a rank of other nodes. */
function bendsIn(graph: Graph): Map<string, readonly Point[]> {
  const bends = new Map<string, readonly Point[]>();
  for (const { v, w, name } of graph.edges()) {
    const { points = [] } = graph.edge(v, w, name) as { points?: readonly Point[] };
    if (name !== undefined && points.length > 3) bends.set(name, points.slice(1, -1));
  }
  return bends;
}

function blockOf(
  all: readonly LabNode[],
  rows: number,
  sizes: Format['sizes'],
): Room & { boxes: Map<string, Box> } {
  const width = Math.max(...all.map(({ kind }) => sizes[kind].width));
  const height = Math.max(...all.map(({ kind }) => sizes[kind].height));
  const boxes = new Map<string, Box>();
  for (const [index, { id, kind }] of all.entries()) {
    const column = Math.floor(index / rows);
    const x = GUTTER + column * (width + GUTTER);
    boxes.set(id, { x, y: (index % rows) * (height + ROW_GAP), ...sizes[kind] });
  }
  const columns = Math.ceil(all.length / rows);
  return {
    boxes,
    width: columns * (width + GUTTER),
    height: Math.min(rows, all.length) * (height + ROW_GAP) - ROW_GAP,
  };
}
