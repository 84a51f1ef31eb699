import type { LabEdge, LabModel } from './lab-model.ts';
import type { Box, Layout, Point } from './layout.ts';

/** How a link is drawn, and where its label is centred. */
export interface Route {
  readonly path: string;
  readonly label: Point;
}

/** A label's distance from the node below, and from the next label there. */
const LABEL_ABOVE = 22;
const LABEL_STEP = 25;
/** Of the nodes' breadth, how much links leave from. */
const BREADTH = 0.6;
const BUS_ABOVE = 34;
const GUTTER_MIDDLE = 15;

/** Lines that touch the nodes where they leave room for each other. */
export function routesOf(model: LabModel, layout: Layout): ReadonlyMap<string, Route> {
  const { boxes, inColumns, bends } = layout;
  const links = model.edges.filter(({ subject }) => subject.kind === 'link');
  const centre = (id: string): number => {
    const box = boxes.get(id);
    return box ? box.x + box.width / 2 : 0;
  };
  const places = {
    below: rankBy(links, 'from', ({ to }) => centre(to)),
    above: rankBy(links, 'to', ({ from }) => centre(from)),
  };
  const routes = new Map<string, Route>();
  for (const edge of model.edges) {
    const [from, to] = [boxes.get(edge.from), boxes.get(edge.to)];
    if (!from || !to) continue;
    if (edge.subject.kind === 'region-link') routes.set(edge.id, across(from, to, boxes));
    else if (inColumns.has(edge.to)) routes.set(edge.id, fromTheSide(from, to));
    else {
      const below = places.below.get(edge.id) ?? ALONE;
      const above = places.above.get(edge.id) ?? ALONE;
      routes.set(edge.id, downwards(from, to, bends.get(edge.id) ?? [], below, above));
    }
  }
  return routes;
}

interface Rank {
  readonly index: number;
  readonly of: number;
}

const ALONE: Rank = { index: 0, of: 1 };

/** Which of the links at one node each is, from left to right. */
function rankBy(
  edges: readonly LabEdge[],
  end: 'from' | 'to',
  position: (edge: LabEdge) => number,
): Map<string, Rank> {
  const at = new Map<string, LabEdge[]>();
  for (const edge of edges) at.set(edge[end], [...(at.get(edge[end]) ?? []), edge]);
  const ranks = new Map<string, Rank>();
  for (const all of at.values()) {
    const sorted = all.toSorted((a, b) => position(a) - position(b));
    for (const [index, { id }] of sorted.entries()) ranks.set(id, { index, of: all.length });
  }
  return ranks;
}

function spread({ x, width }: Box, { index, of }: Rank): number {
  return x + width / 2 + width * BREADTH * ((index + 0.5) / of - 0.5);
}

function downwards(from: Box, to: Box, bends: readonly Point[], below: Rank, above: Rank): Route {
  const start = { x: spread(from, below), y: from.y + from.height };
  const end = { x: spread(to, above), y: to.y };
  const points = [start, ...bends, end];
  const path = points
    .slice(1)
    .map((point, at) => {
      const before = points[at] ?? start;
      const middle = (before.y + point.y) / 2;
      return `C ${before.x} ${middle} ${point.x} ${middle} ${point.x} ${point.y}`;
    })
    .join(' ');
  const y = end.y - LABEL_ABOVE - above.index * LABEL_STEP;
  const last = points.at(-2) ?? start;
  return { path: `M ${start.x} ${start.y} ${path}`, label: { x: curveAt(last, end, y), y } };
}

/** Where a curve that leaves and arrives vertically is at this height. */
function curveAt(start: Point, end: Point, y: number): number {
  let [least, most] = [0, 1];
  for (let step = 0; step < 20; step++) {
    const t = (least + most) / 2;
    // Of the cubic curve whose inner points are at half the height.
    const height = 1.5 * t - 1.5 * t ** 2 + t ** 3;
    if (start.y + (end.y - start.y) * height < y) least = t;
    else most = t;
  }
  return start.x + (end.x - start.x) * (3 * least ** 2 - 2 * least ** 3);
}

function fromTheSide(from: Box, to: Box): Route {
  const start = { x: from.x + from.width / 2, y: from.y + from.height };
  const gutter = to.x - GUTTER_MIDDLE;
  const bus = start.y + BUS_ABOVE;
  const path = `M ${start.x} ${start.y} V ${bus} H ${gutter} V ${to.y + to.height / 2} H ${to.x}`;
  return { path, label: { x: to.x + to.width / 2, y: to.y - 14 } };
}

/** Between regions: straight, or over those that stand between. */
function across(one: Box, other: Box, boxes: ReadonlyMap<string, Box>): Route {
  const [left, right] = one.x < other.x ? [one, other] : [other, one];
  const isClear = [...boxes.values()].every((box) => {
    const isBetween = box.x > left.x && box.x < right.x;
    return !isBetween || box.y + box.height < left.y || box.y > left.y + left.height;
  });
  if (isClear) {
    const [x1, x2, y] = [left.x + left.width, right.x, left.y + left.height / 2];
    return { path: `M ${x1} ${y} L ${x2} ${y}`, label: { x: (x1 + x2) / 2, y } };
  }
  const [x1, x2] = [left.x + left.width * 0.8, right.x + right.width * 0.2];
  const rise = Math.min(150, 70 + (x2 - x1) / 12);
  const path = `M ${x1} ${left.y} C ${x1} ${left.y - rise} ${x2} ${right.y - rise} ${x2} ${right.y}`;
  return { path, label: { x: (x1 + x2) / 2, y: left.y - rise * 0.75 } };
}
