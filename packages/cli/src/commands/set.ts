import type { Context } from '../context.ts';
import { impairmentOf, sayLeftOut } from '../flags.ts';
import type { ImpairmentFlags } from '../impairment-options.ts';
import { attemptEach, exitCodeOf } from '../outcome.ts';
import { reportLine, showOutcomes } from '../output/outcomes.ts';
import { parseChoice, place, refOf, refuseEmpty } from '../selection.ts';
import type { PlaceFlags } from '../selection-options.ts';
import { setInProcess } from './foreground.ts';

/** `netweir set TARGET... FLAGS` */
export async function set(
  context: Context,
  targets: readonly string[],
  flags: ImpairmentFlags & PlaceFlags,
): Promise<number> {
  const choice = parseChoice(targets, flags);
  refuseEmpty(choice);
  const impairment = impairmentOf(flags);
  sayLeftOut(context.terminal, flags);
  await using connection = await context.connect();
  const { netweir, via } = connection;
  const refs = (await place(context.terminal, netweir, choice, flags)).map(refOf);
  // Without await the connection would be closed before a wait begins.
  if (via === 'process') return await setInProcess(context, connection, refs, impairment);
  const outcomes = await attemptEach(refs, (ref) => netweir.setImpairment(ref, impairment));
  showOutcomes(context, outcomes, reportLine);
  return exitCodeOf(outcomes);
}
