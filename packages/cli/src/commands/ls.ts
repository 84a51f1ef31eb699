import { type Inventory, isNetweirError, NetweirError, selectTargets } from '@netweir/api';
import type { Connection } from '../connect.ts';
import type { Context } from '../context.ts';
import { inOrder, renderInventory } from '../output/inventory.ts';
import { printJson } from '../output/json.ts';
import { runtimeLines, stoppedTable } from '../output/runtimes.ts';
import { type Choice, isEmpty, narrow, parseChoice, select } from '../selection.ts';
import type { SelectionFlags } from '../selection-options.ts';

interface LsFlags extends SelectionFlags {
  readonly stopped?: true;
}

/** `netweir ls [TARGET...]` */
export async function ls(
  context: Context,
  targets: readonly string[],
  flags: LsFlags,
): Promise<number> {
  const choice = parseChoice(targets, flags);
  if (flags.stopped && targets.length > 0) {
    throw new NetweirError('invalid-combination', '--stopped takes no targets', {
      remedy: 'Containers that do not run have no interfaces: select them by --label or the like.',
    });
  }
  await using connection = await context.connect();
  const inventory = await chosen(connection, choice, flags.stopped === true);
  const { terminal, json } = context;
  if (json) {
    printJson(terminal, inventory);
    return 0;
  }
  const table = renderInventory(inOrder(inventory), terminal);
  terminal.out(table + stoppedTable(inventory, terminal));
  for (const line of runtimeLines(inventory)) terminal.err(`netweir: ${line}\n`);
  for (const { name, reason } of inventory.unreadable) {
    terminal.err(`netweir: namespace ${name} cannot be read: ${reason}\n`);
  }
  return 0;
}

async function chosen(
  { netweir }: Connection,
  choice: Choice,
  stopped: boolean,
): Promise<Inventory> {
  if (isEmpty(choice)) return await netweir.inventory({ stopped });
  if (!stopped) {
    const { inventory, selected } = await select(netweir, choice);
    return narrow(inventory, selected, choice.match);
  }
  const inventory = await netweir.inventory({ stopped });
  const found = narrow(inventory, [], choice.match);
  try {
    const selected = selectTargets(inventory, [], choice.match);
    return narrow(inventory, selected, choice.match);
  } catch (error) {
    // None of them runs, which is no error where some are stopped.
    if (!isNetweirError(error) || found.stopped.length === 0) throw error;
    return found;
  }
}
