import { type InterfaceRef, type Inventory, NetweirError } from '@netweir/api';
import type { Context } from '../context.ts';
import { attemptEach, exitCodeOf } from '../outcome.ts';
import { reportLine, showOutcomes } from '../output/outcomes.ts';
import { isEmpty, parseChoice, place, refOf } from '../selection.ts';
import type { PlaceFlags } from '../selection-options.ts';

interface ClearFlags extends PlaceFlags {
  readonly all?: true;
}

/** `netweir clear TARGET... | --all` */
export async function clear(
  context: Context,
  targets: readonly string[],
  flags: ClearFlags,
): Promise<number> {
  const all = flags.all === true;
  const choice = parseChoice(targets, flags);
  if (all !== isEmpty(choice) || (all && flags.at !== undefined)) {
    throw new NetweirError('invalid-request', 'clear takes either targets or --all', {
      remedy: 'Write `netweir clear TARGET` or `netweir clear --all`.',
    });
  }
  await using connection = await context.connect();
  const { netweir } = connection;
  const refs = all
    ? impaired(await netweir.inventory())
    : (await place(context.terminal, netweir, choice, flags)).map(refOf);
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
