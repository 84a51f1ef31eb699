import type { Context } from '../context.ts';
import { attemptEach, exitCodeOf } from '../outcome.ts';
import { reportLine, showOutcomes } from '../output/outcomes.ts';
import { parseChoice, place, refOf, refuseEmpty } from '../selection.ts';
import type { PlaceFlags } from '../selection-options.ts';

/** `netweir confirm TARGET...` */
export async function confirm(
  context: Context,
  targets: readonly string[],
  flags: PlaceFlags,
): Promise<number> {
  const choice = parseChoice(targets, flags);
  refuseEmpty(choice);
  await using connection = await context.connect();
  const { netweir } = connection;
  const refs = (await place(context.terminal, netweir, choice, flags)).map(refOf);
  const outcomes = await attemptEach(refs, (ref) => netweir.confirmImpairment(ref));
  showOutcomes(context, outcomes, reportLine);
  return exitCodeOf(outcomes);
}
