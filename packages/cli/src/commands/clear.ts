import {
  askedIn,
  type Forgotten,
  type InterfaceRef,
  type Inventory,
  isNetweirError,
  isSameMatch,
  meansContainer,
  type Netweir,
  NetweirError,
  selectTarget,
  type Target,
  type TrafficMatch,
  withoutRule,
} from '@netweir/api';
import type { Context } from '../context.ts';
import { attemptEach, exitCodeOf } from '../outcome.ts';
import { reportLine, showOutcomes } from '../output/outcomes.ts';
import { printable } from '../output/text.ts';
import { type Choice, isEmpty, parseChoice, place, refOf } from '../selection.ts';
import type { PlaceFlags } from '../selection-options.ts';
import { matchOf } from '../traffic-flags.ts';
import type { TrafficFlags } from '../traffic-options.ts';

interface ClearFlags extends PlaceFlags, TrafficFlags {
  readonly all?: true;
  readonly replace?: true;
}

/** `netweir clear TARGET... | --all` */
export async function clear(
  context: Context,
  targets: readonly string[],
  flags: ClearFlags,
): Promise<number> {
  const all = flags.all === true;
  const match = matchOf(flags);
  const choice = parseChoice(targets, flags);
  if (all !== isEmpty(choice) || (all && (flags.at !== undefined || match !== undefined))) {
    throw new NetweirError('invalid-request', 'clear takes either targets or --all', {
      remedy: 'Write `netweir clear TARGET` or `netweir clear --all`.',
    });
  }
  await using connection = await context.connect();
  const { netweir } = connection;
  if (match) return await clearRule(context, netweir, choice, flags, match);
  const plan = all ? await planAll(netweir) : await planTargets(context, netweir, choice, flags);
  const outcomes = await attemptEach(plan.refs, (ref) =>
    flags.replace ? netweir.clearImpairment(ref, { replace: true }) : netweir.clearImpairment(ref),
  );
  const forgotten = await plan.forget();
  for (const one of forgotten) context.terminal.err(printable(forgottenLine(one)));
  if (outcomes.length + forgotten.length === 0 && !context.json) {
    context.terminal.out('nothing to clear\n');
  } else {
    showOutcomes(context, outcomes, reportLine);
  }
  return exitCodeOf(outcomes);
}

/** Ends the rule of a match; what else is in force stays. */
async function clearRule(
  context: Context,
  netweir: Netweir,
  choice: Choice,
  flags: ClearFlags,
  match: TrafficMatch,
): Promise<number> {
  const refs = (await place(context.terminal, netweir, choice, flags)).map(refOf);
  const outcomes = await attemptEach(refs, async (ref) => {
    const report = await netweir.impairment(ref);
    const asked = askedIn(report, Date.now());
    if (!asked?.rules?.some((rule) => isSameMatch(rule.match, match))) {
      throw new NetweirError('invalid-request', 'there is no rule with this match', {
        remedy: '`netweir show` lists the rules; write the same flags with which it was set.',
      });
    }
    const rest = withoutRule(asked, match);
    return await (rest ? netweir.setImpairment(ref, rest) : netweir.clearImpairment(ref));
  });
  showOutcomes(context, outcomes, reportLine);
  return exitCodeOf(outcomes);
}

/** What is to be cleared, and then forgotten. */
interface Plan {
  readonly refs: readonly InterfaceRef[];
  forget(): Promise<Forgotten>;
}

async function planAll(netweir: Netweir): Promise<Plan> {
  return { refs: impaired(await netweir.inventory()), forget: () => netweir.forget() };
}

/** Containers that do not run have no interfaces, but may have something that comes back. */
async function planTargets(
  { terminal }: Context,
  netweir: Netweir,
  choice: Choice,
  flags: ClearFlags,
): Promise<Plan> {
  const isNarrowed = flags.at !== undefined || choice.match !== undefined;
  const inventory = await netweir.inventory({ stopped: true });
  const stopped = isNarrowed
    ? []
    : choice.targets.filter(({ space }) =>
        inventory.stopped.some((container) => meansContainer(space, container)),
      );
  const targets = choice.targets.filter(
    (target) => !stopped.includes(target) || meansSpace(inventory, target),
  );
  const rest = { ...choice, targets };
  const refs = isEmpty(rest) ? [] : (await place(terminal, netweir, rest, flags)).map(refOf);
  const forget = async (): Promise<Forgotten> => {
    const forgotten: Forgotten = [];
    for (const target of stopped) forgotten.push(...(await netweir.forget(target)));
    return forgotten;
  };
  return { refs, forget };
}

function meansSpace(inventory: Inventory, target: Target): boolean {
  try {
    selectTarget(inventory, target);
    return true;
  } catch (error) {
    if (isNetweirError(error)) return error.code !== 'no-such-space';
    throw error;
  }
}

function forgottenLine({ space, interface: name, at }: Forgotten[number]): string {
  const what = at === 'host' ? "what was set at the host's end" : 'what was set';
  return `netweir: ${space}/${name}: ${what} does not come back when it starts\n`;
}

function impaired({ spaces }: Inventory): InterfaceRef[] {
  return spaces.flatMap((space) =>
    space.interfaces
      .filter(
        ({ egress, ingress, trafficRules }) =>
          egress !== null || ingress !== null || trafficRules > 0,
      )
      .map(({ name }) => ({ space: space.id, interface: name })),
  );
}
