import {
  askedIn,
  Impairment,
  type InterfaceRef,
  type Netweir,
  type TrafficRule,
  validate,
  withRule,
} from '@netweir/api';
import type { Context } from '../context.ts';
import { choicesOf, impairmentOf, ruleOf, sayLeftOut } from '../flags.ts';
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
  const rule = ruleOf(flags);
  if (!rule) impairmentOf(flags);
  sayLeftOut(context.terminal, flags);
  await using connection = await context.connect();
  const { netweir, via } = connection;
  const refs = (await place(context.terminal, netweir, choice, flags)).map(refOf);
  // Without await the connection would be closed before a wait begins.
  const wantedOf = async (ref: InterfaceRef): Promise<Impairment> =>
    rule ? await withOneRule(netweir, ref, rule, flags) : impairmentOf(flags);
  if (flags.dryRun) return await dryRun(context, netweir, refs, wantedOf);
  if (via === 'process') return await setInProcess(context, connection, refs, wantedOf);
  const outcomes = await attemptEach(refs, async (ref) =>
    netweir.setImpairment(ref, await wantedOf(ref)),
  );
  showOutcomes(context, outcomes, reportLine);
  return exitCodeOf(outcomes);
}

/** What is in force on an interface, with one rule in its place or added. */
async function withOneRule(
  netweir: Netweir,
  ref: InterfaceRef,
  rule: TrafficRule,
  flags: ImpairmentFlags,
): Promise<Impairment> {
  const asked = askedIn(await netweir.impairment(ref), Date.now());
  return validate(Impairment, { ...withRule(asked, rule), ...choicesOf(flags) }, 'the impairment');
}

/** Prints what would be done to each interface, as a script for tc, or as JSON. */
async function dryRun(
  context: Context,
  netweir: Netweir,
  refs: readonly InterfaceRef[],
  wantedOf: (ref: InterfaceRef) => Promise<Impairment>,
): Promise<number> {
  const outcomes = await attemptEach(refs, async (ref) =>
    netweir.previewImpairment(ref, await wantedOf(ref)),
  );
  showOutcomes(context, outcomes, (operations) =>
    operations.map(({ command }) => `${command}\n`).join(''),
  );
  return exitCodeOf(outcomes);
}
