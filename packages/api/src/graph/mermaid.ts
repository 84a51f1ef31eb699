import type { Graph, GraphEdge, GraphNode } from './graph.ts';

const SHAPES: Readonly<Record<GraphNode['shape'], readonly [string, string]>> = {
  box: ['[', ']'],
  rounded: ['([', '])'],
  hexagon: ['{{', '}}'],
  circle: ['((', '))'],
};

const LINES: Readonly<Record<GraphEdge['line'], string>> = {
  plain: '---',
  'both-ways': '<-->',
  dotted: '-.-',
  broken: '--x',
};

/** A graph as a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html). */
export function mermaidOf({ direction, groups, nodes, edges }: Graph): string {
  const names = new Map([...groups, ...nodes].map(({ id }, index) => [id, `n${index}`]));
  const draw = ({ id, label, shape }: GraphNode): string => {
    const [open, close] = SHAPES[shape];
    return `${names.get(id)}${open}${quoted(label)}${close}`;
  };
  const subgraphs = groups.flatMap(({ id, label }) => [
    `  subgraph ${names.get(id)}[${quoted([label])}]`,
    ...nodes.filter(({ group }) => group === id).map((node) => `    ${draw(node)}`),
    '  end',
  ]);
  const rest = nodes.filter(({ group }) => group === null).map((node) => `  ${draw(node)}`);
  const lines = edges.map(({ from, to, label, line }) => {
    const text = label.length > 0 ? `|${quoted(label)}|` : '';
    return `  ${names.get(from)} ${LINES[line]}${text} ${names.get(to)}`;
  });
  return `${[`flowchart ${direction}`, ...subgraphs, ...rest, ...lines].join('\n')}\n`;
}

/** Mermaid takes `#34;` and the like for characters that mean something in it, or to a terminal. */
function quoted(lines: readonly string[]): string {
  const escaped = lines.map((line) =>
    line
      .replaceAll('\n', ' ')
      .replace(/[#"<>&`\p{Cc}\p{Cf}]/gu, (character) => `#${character.codePointAt(0)};`),
  );
  return `"${escaped.join('<br/>')}"`;
}
