import type { Context } from '../context.ts';
import { attemptEach, exitCodeOf } from '../outcome.ts';
import { renderReport } from '../output/impairment.ts';
import { showOutcomes } from '../output/outcomes.ts';
import { parseChoice, place, refOf, refuseEmpty } from '../selection.ts';
import type { PlaceFlags } from '../selection-options.ts';

/** `netweir show TARGET...` */
export async function show(
  context: Context,
  targets: readonly string[],
  flags: PlaceFlags,
): Promise<number> {
  const choice = parseChoice(targets, flags);
  refuseEmpty(choice);
  await using connection = await context.connect();
  const { netweir } = connection;
  const { terminal } = context;
  const selected = await place(terminal, netweir, choice, flags);
  const outcomes = await attemptEach(selected.map(refOf), (ref) => netweir.impairment(ref));
  showOutcomes(context, outcomes, (report) => {
    const one = selected.find(
      ({ space, interface: { name } }) => space.id === report.space && name === report.interface,
    );
    return renderReport(report, terminal, Date.now(), one);
  });
  return exitCodeOf(outcomes);
}
