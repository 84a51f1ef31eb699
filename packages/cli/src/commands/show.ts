import type { Context } from '../context.ts';
import { attemptEach, exitCodeOf } from '../outcome.ts';
import { renderReport } from '../output/impairment.ts';
import { showOutcomes } from '../output/outcomes.ts';
import { parseTargets, refOf, selectAll } from '../selection.ts';

/** `netweir show TARGET...` */
export async function show(context: Context, targets: readonly string[]): Promise<number> {
  const parsed = parseTargets(targets);
  await using connection = await context.connect();
  const { netweir } = connection;
  const refs = selectAll(await netweir.inventory(), parsed).map(refOf);
  const outcomes = await attemptEach(refs, (ref) => netweir.impairment(ref));
  showOutcomes(context, outcomes, (report) => renderReport(report, context.terminal, Date.now()));
  return exitCodeOf(outcomes);
}
