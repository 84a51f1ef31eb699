import type { Topology, TopologyNode } from '@netweir/api';
import { printable } from './text.ts';

const ARROWS = { veth: '<-->', port: '---', member: '-.-', bridge: '-.-' };

/**
 * A topology as a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html): a subgraph for
 * each space. Loopback interfaces connect nothing and are left out.
 */
export function mermaidOf({ nodes, edges }: Topology): string {
  const shown = nodes.filter(({ kind }) => kind !== 'loopback');
  const names = new Map(shown.map(({ id }, index) => [id, `n${index}`]));
  const spaceOf = new Map(
    edges.flatMap(({ type, from, to }) => (type === 'in' ? [[from, to]] : [])),
  );
  const draw = (node: TopologyNode, shape: readonly [string, string]): string =>
    `${names.get(node.id)}${shape[0]}${quoted(node.name)}${shape[1]}`;
  const subgraphs = shown
    .filter(({ type }) => type === 'space')
    .flatMap((space) => [
      `  subgraph ${names.get(space.id)}[${quoted(space.id)}]`,
      ...shown
        .filter((node) => node.type === 'interface' && spaceOf.get(node.id) === space.id)
        .map((node) => `    ${draw(node, node.kind === 'bridge' ? ['{{', '}}'] : ['[', ']'])}`),
      '  end',
    ]);
  const networks = shown
    .filter(({ type }) => type === 'network')
    .map((network) => `  ${draw(network, ['([', '])'])}`);
  const lines = edges.flatMap(({ type, from, to }) =>
    type === 'in' ? [] : [`  ${names.get(from)} ${ARROWS[type]} ${names.get(to)}`],
  );
  return `${['flowchart LR', ...subgraphs, ...networks, ...lines].join('\n')}\n`;
}

/** Mermaid takes `#quot;` and the like for characters that mean something in it. */
function quoted(text: string): string {
  const escaped = printable(text)
    .replaceAll('\n', ' ')
    .replace(/[#"<>&`]/gu, (character) => `#${character.codePointAt(0)};`);
  return `"${escaped}"`;
}
