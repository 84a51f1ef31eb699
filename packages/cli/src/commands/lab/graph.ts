import { labGraph, mermaidOf } from '@netweir/api';
import type { Context } from '../../context.ts';
import { printJson } from '../../output/json.ts';
import { connectToDaemon, ofDaemon } from './of-daemon.ts';

export type GraphFormat = 'mermaid' | 'svg' | 'json';

/** `netweir lab graph LAB` */
export async function labGraphCommand(
  context: Context,
  name: string,
  format: GraphFormat,
): Promise<number> {
  const { terminal, json } = context;
  await using connection = await connectToDaemon(context);
  const graph = labGraph(await ofDaemon(connection).lab(name));
  if (json || format === 'json') {
    printJson(terminal, graph);
  } else if (format === 'svg') {
    const { drawSvg } = await import('@netweir/daemon');
    terminal.out(await drawSvg(graph, name));
  } else {
    terminal.out(mermaidOf(graph));
  }
  return 0;
}
