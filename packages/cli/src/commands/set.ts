import {
  type Impairment,
  type ImpairmentReport,
  type InterfaceRef,
  isNetweirError,
  type Netweir,
  parseDuration,
} from '@netweir/api';
import type { Context } from '../context.ts';
import { impairmentOf } from '../flags.ts';
import type { ImpairmentFlags } from '../impairment-options.ts';
import { catchInterrupts, waitUntil } from '../interruption.ts';
import { attemptEach, exitCodeOf, type Outcome } from '../outcome.ts';
import { printError } from '../output/errors.ts';
import { formatMoment } from '../output/numbers.ts';
import { reportLine, showOutcomes } from '../output/outcomes.ts';
import { parseTargets, refOf, selectAll } from '../selection.ts';
import { interruptExitCode } from '../terminal.ts';

const GONE: ReadonlySet<string> = new Set(['no-such-interface', 'no-such-space']);

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
  if (via === 'process' && impairment.for !== undefined) {
    // Without await the connection would be closed before the wait begins.
    return await setInForeground(context, netweir, refs, { ...impairment, for: impairment.for });
  }
  const outcomes = await attemptEach(refs, (ref) => netweir.setImpairment(ref, impairment));
  showOutcomes(context, outcomes, reportLine);
  return exitCodeOf(outcomes);
}

/** Nobody else would end the lease: the command waits for its end, or an interrupt, and restores. */
async function setInForeground(
  context: Context,
  netweir: Netweir,
  refs: readonly InterfaceRef[],
  impairment: Impairment & { for: string },
): Promise<number> {
  const { terminal } = context;
  using interruption = catchInterrupts(terminal);
  const { signal } = interruption;
  const outcomes = await attemptEach(refs, (ref) => netweir.setImpairment(ref, impairment), signal);
  showOutcomes(context, outcomes, reportLine);
  const touched = outcomes.filter(({ error }) => error === undefined);
  if (touched.length > 0) {
    const end = leaseEnd(touched, impairment.for);
    const moment = formatMoment(new Date(end));
    terminal.err(
      `netweir: no daemon runs, so this command stays until ${moment} and restores then; Ctrl+C restores at once\n`,
    );
    await waitUntil(end, signal);
  }
  const restored = await attemptEach(
    touched.map(({ ref }) => ref),
    (ref) => endLease(netweir, ref, touched),
  );
  for (const { error } of restored) if (error) printError(terminal, error);
  const interrupt = interruption.received();
  const code = exitCodeOf([...outcomes, ...restored]);
  return code === 0 && interrupt ? interruptExitCode(interrupt) : code;
}

/** Leaves alone what another command has put there meanwhile: its end is another, or none. */
async function endLease(
  netweir: Netweir,
  ref: InterfaceRef,
  touched: readonly Outcome<ImpairmentReport>[],
): Promise<void> {
  const ours = touched.find((outcome) => outcome.ref === ref)?.value?.expiresAt;
  try {
    const now = await netweir.impairment(ref);
    if (now.expiresAt === ours) await netweir.clearImpairment(ref);
  } catch (error) {
    // Gone, or renamed: then netweir finds it by its index, and ends the lease when it is closed.
    if (isNetweirError(error) && GONE.has(error.code)) return;
    throw error;
  }
}

function leaseEnd(touched: readonly Outcome<ImpairmentReport>[], duration: string): number {
  const ends = touched.flatMap(({ value }) =>
    value?.expiresAt ? [new Date(value.expiresAt).getTime()] : [],
  );
  return ends.length > 0 ? Math.max(...ends) : Date.now() + parseDuration(duration) / 1_000_000;
}
