import { readFileSync } from 'node:fs';
import * as z from 'zod';

/** How long a setting stays, and who ends it. */
export const Tenure = z.strictObject({
  expiresAt: z.iso.datetime().nullable(),
  /** Who made it: a daemon's end with it unless told otherwise; a command's stay until they are cleared or expire. */
  owner: z.enum(['daemon', 'command']),
  /** Who ends it, at the latest with its process; absent where it outlives the one that made it. */
  holder: z.string().optional(),
});
export type Tenure = z.infer<typeof Tenure>;

/** What is asked of a setting's end. */
export interface Term {
  /** When its lease ends; none if absent. */
  readonly expiresAt?: Date | undefined;
  /** Whether it outlives the process that makes it. */
  readonly persist?: boolean | undefined;
  /** Whether it may take the place of what cannot be put back as it is. */
  readonly replace?: boolean | undefined;
}

// proc(5), /proc/[pid]/stat: fields behind the command's name, counted from the state's.
const STATE = 0;
const FLAGS = 6;
const START_TIME = 19;
/** include/linux/sched.h: it closes what it had, which may take seconds. */
const PF_EXITING = 0x4;

/** This process, as no other is called before the next boot. */
export const THIS_PROCESS: string = `${process.pid}:${startTimeOf(process.pid) ?? ''}`;

let holders = 0;

/** Another holder of this process's: each impairer ends what is its own. */
export function newHolder(): string {
  holders += 1;
  return `${THIS_PROCESS}:${holders}`;
}

/** Whether a holder is, or was, of this process. */
export function isOfProcess(process: string, holder: string | undefined): boolean {
  return holder?.startsWith(`${process}:`) ?? false;
}

/** Whether a process that holds settings still lives; one that is ending, or is not reaped yet, does not. */
export function isAlive(holder: string): boolean {
  const [pid, startTime] = holder.split(':');
  return startTimeOf(Number(pid)) === startTime;
}

/**
 * The tenure of a setting. A command's has a holder only where something would be left undone after it: a lease
 * to end, or an engine to run.
 */
export function tenureOf(
  { owner, holder }: { readonly owner: Tenure['owner']; readonly holder: string },
  { expiresAt, persist = false }: Term,
  needsProcess: boolean,
): Tenure {
  const isHeld = !persist && (owner === 'daemon' || needsProcess || expiresAt !== undefined);
  return {
    expiresAt: expiresAt?.toISOString() ?? null,
    owner,
    ...(isHeld && { holder }),
  };
}

/** In clock ticks since the boot; undefined where there is no such process, or it has ended. */
function startTimeOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name may hold anything, a parenthesis and a space included.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const isEnding = (Number(fields[FLAGS]) & PF_EXITING) !== 0;
    return isEnding || /^[ZX]$/u.test(fields[STATE] ?? '') ? undefined : fields[START_TIME];
  } catch {
    return undefined;
  }
}
