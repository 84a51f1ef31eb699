import { mermaidOf, topologyGraph, topologyOf } from '@netweir/api';
import type { Context } from '../context.ts';
import { inOrder } from '../output/inventory.ts';
import { printJson } from '../output/json.ts';

/** `netweir graph` */
export async function graph(context: Context): Promise<number> {
  await using connection = await context.connect();
  const topology = topologyOf(inOrder(await connection.netweir.inventory()));
  if (context.json) printJson(context.terminal, topology);
  else context.terminal.out(mermaidOf(topologyGraph(topology)));
  return 0;
}
