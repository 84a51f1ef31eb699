import { isDeepStrictEqual } from 'node:util';
import {
  type Impairment,
  type ImpairmentReport,
  type InterfaceRef,
  isNetweirError,
  type Netweir,
  parseDuration,
} from '@netweir/api';
import type { Connection } from '../connect.ts';
import type { Context } from '../context.ts';
import { catchInterrupts, waitUntil } from '../interruption.ts';
import { attemptEach, exitCodeOf } from '../outcome.ts';
import { printError } from '../output/errors.ts';
import { formatMoment } from '../output/numbers.ts';
import { reportLine, showOutcomes } from '../output/outcomes.ts';
import { interruptExitCode } from '../terminal.ts';
import { watchGone } from './gone.ts';

const NANOSECONDS_PER_MS = 1_000_000;
const GONE: ReadonlySet<string> = new Set(['no-such-interface', 'no-such-space']);

/** An interface that needs this command, and what was set there. */
interface Held {
  readonly ref: InterfaceRef;
  readonly ours: ImpairmentReport;
  readonly lease: string | undefined;
}

/**
 * Sets without a daemon. Nobody else would end a lease or run the userspace engine: with either, the
 * command waits for the lease's end, an interrupt, the engine's death or that of all interfaces, and
 * restores.
 */
export async function setInProcess(
  context: Context,
  { netweir, engineFailure }: Connection,
  refs: readonly InterfaceRef[],
  wantedOf: (ref: InterfaceRef) => Promise<Impairment>,
): Promise<number> {
  const { terminal } = context;
  using interruption = catchInterrupts(terminal);
  const { signal } = interruption;
  const asked = new Map<InterfaceRef, Impairment>();
  const outcomes = await attemptEach(
    refs,
    async (ref) => {
      const wanted = await wantedOf(ref);
      asked.set(ref, wanted);
      return netweir.setImpairment(ref, wanted);
    },
    signal,
  );
  showOutcomes(context, outcomes, reportLine);
  const held = outcomes.flatMap(({ ref, value }): Held[] => {
    const { persist, for: lease } = asked.get(ref) ?? {};
    if (!value || persist || (lease === undefined && !byEngine(value))) return [];
    return [{ ref, ours: value, lease }];
  });
  if (held.length > 0 && !signal.aborted) {
    const end = endOf(held);
    terminal.err(`netweir: ${stayText(held, end)}\n`);
    using gone = await watchGone(
      netweir,
      held.map(({ ours }) => ours),
    );
    const ends = [signal, gone.signal, ...(engineFailure ? [engineFailure] : [])];
    await waitUntil(end, AbortSignal.any(ends));
    if (gone.signal.aborted) terminal.err('netweir: what was impaired is gone\n');
  }
  const restored = await attemptEach(
    held.map(({ ref }) => ref),
    (ref) => putBack(netweir, ref, held),
  );
  for (const { error } of restored) if (error) printError(terminal, error);
  const failure: unknown = engineFailure?.reason;
  if (isNetweirError(failure)) printError(terminal, failure);
  const code = exitCodeOf([...outcomes, ...restored]);
  if (code !== 0) return code;
  if (isNetweirError(failure)) return failure.exitCode;
  const interrupt = interruption.received();
  return interrupt ? interruptExitCode(interrupt) : 0;
}

function byEngine({ egressMechanism, ingressMechanism }: ImpairmentReport): boolean {
  return egressMechanism === 'userspace' || ingressMechanism === 'userspace';
}

/** Unix time in milliseconds; infinite where one of them has no lease. */
function endOf(held: readonly Held[]): number {
  const ends = held.map(({ ours, lease }) => {
    if (lease === undefined) return Number.POSITIVE_INFINITY;
    if (ours.expiresAt !== null) return Date.parse(ours.expiresAt);
    return Date.now() + parseDuration(lease) / NANOSECONDS_PER_MS;
  });
  return Math.max(...ends);
}

function stayText(held: readonly Held[], end: number): string {
  const why = held.some(({ ours }) => byEngine(ours))
    ? 'the userspace engine runs in this command, so it stays'
    : 'no daemon runs, so this command stays';
  if (end === Number.POSITIVE_INFINITY) return `${why}; Ctrl+C restores`;
  return `${why} until ${formatMoment(new Date(end))} and restores then; Ctrl+C restores at once`;
}

async function putBack(netweir: Netweir, ref: InterfaceRef, held: readonly Held[]): Promise<void> {
  const ours = held.find((one) => one.ref === ref)?.ours;
  try {
    if (ours && isStill(await netweir.impairment(ref), ours)) await netweir.clearImpairment(ref);
  } catch (error) {
    // Gone, or renamed: then netweir finds it by its index, and ends what it set when it is closed.
    if (isNetweirError(error) && GONE.has(error.code)) return;
    throw error;
  }
}

/**
 * Whether nobody has put something else there meanwhile. What is in force no more is still ours: of a
 * dead engine the hooks may have stayed, and clearing removes them.
 */
function isStill(now: ImpairmentReport, ours: ImpairmentReport): boolean {
  if (now.egress === null && now.ingress === null && now.rules.length === 0) return true;
  return (
    now.expiresAt === ours.expiresAt &&
    (now.egress === null || isDeepStrictEqual(now.egress, ours.egress)) &&
    (now.ingress === null || isDeepStrictEqual(now.ingress, ours.ingress)) &&
    now.rules.length === ours.rules.length &&
    now.rules.every(({ match }, index) => isDeepStrictEqual(match, ours.rules[index]?.match))
  );
}
