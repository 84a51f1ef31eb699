import * as z from 'zod';
import { Direction } from '../impairment/schema.ts';

/** Links as they are in the field; what they are is in LINK_CONDITIONS. */
export const LinkConditionName = z.enum([
  'lan',
  'wifi',
  'wifi-bad',
  'mobile-4g',
  'mobile-3g',
  'satellite',
  'satellite-geo',
]);
export type LinkConditionName = z.infer<typeof LinkConditionName>;

/** What one direction of a link does to its packets: by name, or in detail. */
export const LinkCondition = z.union([LinkConditionName, Direction]).meta({ id: 'LinkCondition' });
export type LinkCondition = z.infer<typeof LinkCondition>;

/**
 * What a link does: the same both ways, or what each way does. `egress` is what the interface sends that
 * it is said of, and `ingress` what it receives; a way that is absent or null is clean.
 */
export const LinkConditions = z
  .union([
    LinkCondition,
    z.strictObject({
      egress: LinkCondition.nullable().optional(),
      ingress: LinkCondition.nullable().optional(),
    }),
  ])
  .meta({ id: 'LinkConditions' });
export type LinkConditions = z.infer<typeof LinkConditions>;
