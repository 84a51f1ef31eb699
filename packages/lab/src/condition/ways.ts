import {
  type Direction,
  exactDirection,
  isUntouched,
  LINK_CONDITIONS,
  LinkCondition,
  LinkConditions,
  validate,
} from '@netweir/api';

/** What a link does each way; null where it does nothing. */
export interface ConditionWays {
  readonly egress: Direction | null;
  readonly ingress: Direction | null;
}

/**
 * What conditions mean for each way.
 * @throws NetweirError `invalid-request`, `invalid-quantity`, `invalid-combination`
 */
export function waysOf(conditions: LinkConditions | null): ConditionWays {
  if (conditions === null) return { egress: null, ingress: null };
  const valid = validate(LinkConditions, conditions, 'the link conditions');
  if (typeof valid === 'object' && ('egress' in valid || 'ingress' in valid)) {
    return { egress: directionOf(valid.egress), ingress: directionOf(valid.ingress) };
  }
  const both = directionOf(validate(LinkCondition, valid, 'the link condition'));
  return { egress: both, ingress: both };
}

function directionOf(condition: LinkCondition | null | undefined): Direction | null {
  if (condition === null || condition === undefined) return null;
  const direction = typeof condition === 'string' ? LINK_CONDITIONS[condition] : condition;
  // What contradicts itself is refused before anything is changed.
  exactDirection(direction);
  return isUntouched(direction) ? null : direction;
}
