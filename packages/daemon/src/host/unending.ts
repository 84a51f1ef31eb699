import { type Impairment, NetweirError } from '@netweir/api';
import type { Reachable } from '@netweir/impair';
import { isLabNode } from '../labs/impairments.ts';

/** @throws NetweirError for what nobody could end after this process */
export function refuseUnending(
  owner: 'daemon' | 'command',
  at: Reachable,
  { persist, for: lease }: Impairment,
): void {
  if (!persist) return;
  if (isLabNode(at)) {
    throw new NetweirError('invalid-combination', `${at.space} ends with its daemon`, {
      remedy: 'Leave persist out: nothing in a lab outlives the lab.',
    });
  }
  if (lease === undefined || owner === 'daemon') return;
  throw new NetweirError(
    'daemon-unreachable',
    'a lease that persists is ended by a daemon, and none runs',
    { remedy: 'Start one with `netweir up`, or leave either the lease or persist out.' },
  );
}
