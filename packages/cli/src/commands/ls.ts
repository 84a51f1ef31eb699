import type { Context } from '../context.ts';
import { renderInventory } from '../output/inventory.ts';
import { printJson } from '../output/json.ts';
import { narrow, parseTargets, selectAll } from '../selection.ts';

/** `netweir ls [TARGET...]` */
export async function ls(context: Context, targets: readonly string[]): Promise<number> {
  const parsed = parseTargets(targets);
  await using connection = await context.connect();
  const all = await connection.netweir.inventory();
  const inventory = parsed.length === 0 ? all : narrow(all, selectAll(all, parsed));
  if (context.json) printJson(context.terminal, inventory);
  else {
    context.terminal.out(renderInventory(inventory, context.terminal));
    for (const { name, reason } of all.unreadable) {
      context.terminal.err(`netweir: namespace ${name} cannot be read: ${reason}\n`);
    }
  }
  return 0;
}
