import { type InterfaceRef, type Inventory, NetweirError } from '@netweir/api';
import type { Context } from '../context.ts';
import { attemptEach, exitCodeOf } from '../outcome.ts';
import { reportLine, showOutcomes } from '../output/outcomes.ts';
import { parseTargets, refOf, selectAll } from '../selection.ts';

/** `netweir clear TARGET... | --all` */
export async function clear(
  context: Context,
  targets: readonly string[],
  all: boolean,
): Promise<number> {
  if (all === targets.length > 0) {
    throw new NetweirError('invalid-request', 'clear takes either targets or --all', {
      remedy: 'Write `netweir clear TARGET` or `netweir clear --all`.',
    });
  }
  const parsed = parseTargets(targets);
  await using connection = await context.connect();
  const { netweir } = connection;
  const inventory = await netweir.inventory();
  const refs = all ? impaired(inventory) : selectAll(inventory, parsed).map(refOf);
  const outcomes = await attemptEach(refs, (ref) => netweir.clearImpairment(ref));
  if (outcomes.length === 0 && !context.json) context.terminal.out('nothing to clear\n');
  else showOutcomes(context, outcomes, reportLine);
  return exitCodeOf(outcomes);
}

function impaired({ spaces }: Inventory): InterfaceRef[] {
  return spaces.flatMap((space) =>
    space.interfaces
      .filter(({ egress, ingress }) => egress !== null || ingress !== null)
      .map(({ name }) => ({ space: space.id, interface: name })),
  );
}
