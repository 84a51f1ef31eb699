import type { Graph } from '@netweir/api';
import { type Box, type Layout, LINE_HEIGHT, layOut, type Point } from './layout.ts';

/** Both colour schemes: an image has no other way to ask which one is wanted. */
const STYLE = `
svg { --back: #ffffff; --text: #1a1d21; --soft: #5c6670; --line: #8a949e; --fill: #f3f5f7; --bad: #c0392b; }
@media (prefers-color-scheme: dark) {
  svg { --back: #14171a; --text: #e8ebee; --soft: #9aa4ae; --line: #6b7680; --fill: #22272c; --bad: #ff7a6b; }
}
text { font: 12px system-ui, sans-serif; fill: var(--soft); text-anchor: middle; dominant-baseline: central; }
.name { fill: var(--text); font-weight: 600; }
.back { fill: var(--back); }
.node > :first-child { fill: var(--fill); stroke: var(--line); }
.group > rect { fill: none; stroke: var(--line); stroke-dasharray: 2 4; }
.edge > path { fill: none; stroke: var(--line); stroke-width: 1.5; }
.edge text { stroke: var(--back); stroke-width: 4px; paint-order: stroke; }
.dotted > path { stroke-dasharray: 2 4; }
.broken > path { stroke: var(--bad); stroke-dasharray: 6 4; }
.broken text { fill: var(--bad); }
`;

/**
 * A graph as an SVG image that needs nothing else: no script, no font, no style from elsewhere. Readable on
 * light and on dark, as the reader has it.
 */
export function svgOf(graph: Graph, title: string): string {
  const layout = layOut(graph);
  const [width, height] = [Math.ceil(layout.width), Math.ceil(layout.height)];
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="back" width="${width}" height="${height}"/>`,
    ...layout.groups.map(drawGroup),
    ...layout.edges.map(drawEdge),
    ...layout.nodes.map(drawNode),
    '</svg>',
  ].join('\n')}\n`;
}

function drawGroup({ group, ...box }: Layout['groups'][number]): string {
  const { x, y, width, height } = box;
  const name = text({ x, y: y - height / 2 + LINE_HEIGHT / 2 + 2 }, [group.label]);
  return `<g class="group">${rectangle({ x, y, width, height }, 8)}${name}</g>`;
}

function drawNode({ node, ...box }: Layout['nodes'][number]): string {
  const { id, label, shape } = node;
  const outline = {
    box: () => rectangle(box, 4),
    rounded: () => rectangle(box, box.height / 2),
    hexagon: () => hexagon(box),
    circle: () => `<circle cx="${round(box.x)}" cy="${round(box.y)}" r="${round(box.width / 2)}"/>`,
  }[shape]();
  return `<g class="node" data-id="${escaped(id)}">${outline}${text(box, label, 'name')}</g>`;
}

function drawEdge({ edge, points, label }: Layout['edges'][number]): string {
  const [first, ...rest] = points.map(({ x, y }) => `${round(x)} ${round(y)}`);
  const path = `<path d="M${[first, ...rest].join(' L')}"/>`;
  return `<g class="edge ${edge.line}">${path}${text(label, edge.label)}</g>`;
}

function rectangle({ x, y, width, height }: Box, radius: number): string {
  const corner = `x="${round(x - width / 2)}" y="${round(y - height / 2)}"`;
  return `<rect ${corner} width="${round(width)}" height="${round(height)}" rx="${round(radius)}"/>`;
}

/** Points to the left and to the right. */
function hexagon({ x, y, width, height }: Box): string {
  const [dx, dy, inset] = [width / 2, height / 2, height / 4];
  const corners = [
    [x - dx, y],
    [x - dx + inset, y - dy],
    [x + dx - inset, y - dy],
    [x + dx, y],
    [x + dx - inset, y + dy],
    [x - dx + inset, y + dy],
  ];
  return `<polygon points="${corners.map((corner) => corner.map(round).join(',')).join(' ')}"/>`;
}

/** Lines around a point; the first may have a class of its own. */
function text({ x, y }: Point, lines: readonly string[], firstClass?: string): string {
  if (lines.length === 0) return '';
  const top = y - ((lines.length - 1) * LINE_HEIGHT) / 2;
  const spans = lines.map((line, index) => {
    const style = index === 0 && firstClass ? ` class="${firstClass}"` : '';
    return `<tspan x="${round(x)}" y="${round(top + index * LINE_HEIGHT)}"${style}>${escaped(line)}</tspan>`;
  });
  return `<text>${spans.join('')}</text>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** As text or as an attribute in quotes; what XML 1.0 does not allow at all is replaced. */
function escaped(value: string): string {
  return value
    .toWellFormed()
    .replace(/[^\t\n\r -\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\u{FFFD}')
    .replace(/[&<>"]/gu, (character) => ENTITIES[character] ?? character);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
