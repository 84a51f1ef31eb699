import { exactDirection, type Impairment, isUntouched, NetweirError } from '@netweir/api';
import { leaseMsOf } from '../host/leases.ts';

/**
 * Refuses an impairment, accepted by its schema, that could be put on no interface.
 *
 * @throws NetweirError `invalid-combination` or `invalid-quantity`
 */
export function checkImpairment({ egress, ingress, for: lease }: Impairment): void {
  const ways = [egress, ingress].filter((way) => way !== undefined);
  for (const way of ways) exactDirection(way);
  if (lease !== undefined) leaseMsOf(lease);
  if (ways.every(isUntouched)) {
    throw new NetweirError('invalid-combination', 'the impairment asks for nothing', {
      remedy: 'Set at least one of delay, loss, duplicate, corrupt, reorder, rate or slot.',
    });
  }
}
