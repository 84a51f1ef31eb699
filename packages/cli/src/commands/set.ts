import type { Context } from '../context.ts';
import { impairmentOf } from '../flags.ts';
import type { ImpairmentFlags } from '../impairment-options.ts';
import { attemptEach, exitCodeOf } from '../outcome.ts';
import { reportLine, showOutcomes } from '../output/outcomes.ts';
import { parseTargets, refOf, selectAll } from '../selection.ts';
import { setInProcess } from './foreground.ts';

/** `netweir set TARGET... FLAGS` */
export async function set(
  context: Context,
  targets: readonly string[],
  flags: ImpairmentFlags,
): Promise<number> {
  const impairment = impairmentOf(flags);
  const parsed = parseTargets(targets);
  await using connection = await context.connect();
  const { netweir, via } = connection;
  const refs = selectAll(await netweir.inventory(), parsed).map(refOf);
  // Without await the connection would be closed before a wait begins.
  if (via === 'process') return await setInProcess(context, connection, refs, impairment);
  const outcomes = await attemptEach(refs, (ref) => netweir.setImpairment(ref, impairment));
  showOutcomes(context, outcomes, reportLine);
  return exitCodeOf(outcomes);
}
