import { isNetweirError, parseDuration } from '@netweir/api';

/** How long an impairment is wanted for, as it stands in the editor. */
export interface Lease {
  /** A time, `custom`, `keep` for the end that is set already, or empty for "until cleared". */
  readonly choice: string;
  readonly custom: string;
}

export const NO_LEASE: Lease = { choice: '', custom: '' };
export const KEPT_LEASE: Lease = { choice: 'keep', custom: '' };

/** What the choice comes to: where an end is set it stays, unless another was chosen. */
export function leaseInForce(chosen: Lease | undefined, expiresAt: string | null): Lease {
  if (expiresAt === null) return chosen && chosen.choice !== 'keep' ? chosen : NO_LEASE;
  return chosen ?? KEPT_LEASE;
}

/** What to send as `for`; empty for nothing. */
export function leaseTime({ choice, custom }: Lease): string {
  if (choice === 'keep') return '';
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
