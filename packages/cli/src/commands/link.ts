import type { LinkState } from '@netweir/api';
import type { Context } from '../context.ts';
import { attemptEach, exitCodeOf } from '../outcome.ts';
import { showOutcomes } from '../output/outcomes.ts';
import { printable } from '../output/text.ts';
import { parseTargets, refOf, selectAll } from '../selection.ts';

/** `netweir link up|down TARGET...` */
export async function link(
  context: Context,
  state: LinkState,
  targets: readonly string[],
): Promise<number> {
  const parsed = parseTargets(targets);
  await using connection = await context.connect();
  const { netweir } = connection;
  const refs = selectAll(await netweir.inventory(), parsed).map(refOf);
  const outcomes = await attemptEach(refs, async (ref) => {
    await netweir.setLink(ref, state);
    return { ...ref, state };
  });
  showOutcomes(context, outcomes, (done) =>
    printable(`${done.space}/${done.interface}: ${done.state}\n`),
  );
  return exitCodeOf(outcomes);
}
