import { isNetweirError, parseDuration } from '@netweir/api';

/** How long an impairment is wanted for, as it stands in the editor. */
export interface Lease {
  /** A time, `custom`, or empty for "until cleared". */
  readonly choice: string;
  readonly custom: string;
}

export const NO_LEASE: Lease = { choice: '', custom: '' };

/** What to send as `for`; empty for nothing. */
export function leaseTime({ choice, custom }: Lease): string {
  return choice === 'custom' ? custom.trim() : choice;
}

/** What is wrong with a time of one's own. */
export function leaseProblem(lease: Lease): string | undefined {
  if (lease.choice !== 'custom') return undefined;
  try {
    parseDuration(leaseTime(lease));
    return undefined;
  } catch (error) {
    if (!isNetweirError(error)) throw error;
    return error.remedy;
  }
}
