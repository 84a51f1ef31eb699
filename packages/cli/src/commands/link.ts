import type { LinkState } from '@netweir/api';
import type { Context } from '../context.ts';
import { attemptEach, exitCodeOf } from '../outcome.ts';
import { showOutcomes } from '../output/outcomes.ts';
import { printable } from '../output/text.ts';
import { parseChoice, refOf, refuseEmpty, select } from '../selection.ts';
import type { SelectionFlags } from '../selection-options.ts';

/** `netweir link up|down TARGET...` */
export async function link(
  context: Context,
  state: LinkState,
  targets: readonly string[],
  flags: SelectionFlags,
): Promise<number> {
  const choice = parseChoice(targets, flags);
  refuseEmpty(choice);
  await using connection = await context.connect();
  const { netweir } = connection;
  const { selected } = await select(netweir, choice);
  const outcomes = await attemptEach(selected.map(refOf), async (ref) => {
    await netweir.setLink(ref, state);
    return { ...ref, state };
  });
  showOutcomes(context, outcomes, (done) =>
    printable(`${done.space}/${done.interface}: ${done.state}\n`),
  );
  return exitCodeOf(outcomes);
}
