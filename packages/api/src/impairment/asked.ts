import { formatDuration } from '../units/duration.ts';
import type { Nanoseconds } from '../units/quantity.ts';
import type { Impairment, ImpairmentReport, TrafficRule } from './schema.ts';
import type { TrafficMatch } from './traffic.ts';

const NANOSECONDS_PER_MS = 1_000_000;

/**
 * What to ask for so that an interface does what a report says, until the same moment: to change part of it.
 * Undefined where nothing is in force.
 */
export function askedIn(report: ImpairmentReport, nowMs: number): Impairment | undefined {
  const { egress, ingress, egressMechanism, ingressMechanism, expiresAt, persist } = report;
  const rules = report.rules.map(ruleIn);
  if (egress === null && ingress === null && rules.length === 0) return undefined;
  const byEngine = egressMechanism === 'userspace' || ingressMechanism === 'userspace';
  const leftMs = expiresAt === null ? undefined : Math.max(1, Date.parse(expiresAt) - nowMs);
  return {
    ...(egress && { egress }),
    ...(ingress && { ingress }),
    ...(rules.length > 0 && { rules }),
    ...(byEngine && { engine: 'userspace' as const }),
    ...(leftMs !== undefined && {
      for: formatDuration((leftMs * NANOSECONDS_PER_MS) as Nanoseconds),
    }),
    ...(persist && report.owner === 'daemon' && { persist }),
  };
}

function ruleIn({
  match,
  egress,
  ingress,
  exclude,
}: ImpairmentReport['rules'][number]): TrafficRule {
  if (exclude) return { match, exclude };
  return { match, ...(egress && { egress }), ...(ingress && { ingress }) };
}

/** With a rule in the place of that with the same match, or behind the others. */
export function withRule(impairment: Impairment | undefined, rule: TrafficRule): Impairment {
  const rules = impairment?.rules ?? [];
  const at = rules.findIndex(({ match }) => isSameMatch(match, rule.match));
  return { ...impairment, rules: at < 0 ? [...rules, rule] : rules.with(at, rule) };
}

/** Without the rule of a match; undefined where nothing else is asked. */
export function withoutRule(
  { rules = [], ...others }: Impairment,
  match: TrafficMatch,
): Impairment | undefined {
  const rest = rules.filter((rule) => !isSameMatch(rule.match, match));
  const isAny = others.egress ?? others.ingress ?? rest.some(({ exclude }) => !exclude);
  if (!isAny) return undefined;
  return { ...others, ...(rest.length > 0 && { rules: rest }) };
}

/** Whether two matches are written alike, whatever the order of what they say. */
export function isSameMatch(one: TrafficMatch, other: TrafficMatch): boolean {
  const sorted = (match: TrafficMatch): string => JSON.stringify(Object.entries(match).toSorted());
  return sorted(one) === sorted(other);
}
