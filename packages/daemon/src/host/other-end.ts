import {
  type Impairment,
  type ImpairmentReport,
  isHostName,
  isSameMatch,
  NetweirError,
  type TrafficMatch,
  type TrafficRule,
  type TrafficRuleReport,
} from '@netweir/api';

/** What an interface is to do, by itself and by the other end of its veth, which sends what it receives. */
export interface Ends {
  /** Undefined where nothing is asked of what it sends. */
  readonly own: Impairment | undefined;
  /** As seen from the other end. */
  readonly other: Impairment;
}

/** Whether something is asked of what an interface receives. */
export function asksIngress({ ingress, rules }: Impairment): boolean {
  return ingress !== undefined || (rules?.some((rule) => rule.ingress) ?? false);
}

/** @throws NetweirError where a rule names a host, which only what is sent there can */
export function divideEnds({ egress, ingress, rules = [], ...rest }: Impairment): Ends {
  const own = rules.filter((rule) => rule.exclude || rule.egress);
  const other = rules.filter((rule) => rule.exclude || rule.ingress);
  const asksEgress = egress !== undefined || own.some((rule) => rule.egress);
  return {
    own: asksEgress
      ? { ...rest, ...(egress && { egress }), rules: own.map(withoutIngress) }
      : undefined,
    other: {
      ...rest,
      ...(ingress && { egress: ingress }),
      rules: other.map(mirroredRule),
      engine: 'kernel',
    },
  };
}

/** A match as it is seen from the other end. */
export function mirroredMatch(match: TrafficMatch): TrafficMatch {
  const { remote, local, remotePorts, localPorts, ...rest } = match;
  return {
    ...rest,
    ...(local && { remote: local }),
    ...(remote && { local: remote }),
    ...(localPorts && { remotePorts: localPorts }),
    ...(remotePorts && { localPorts: remotePorts }),
  };
}

/** The report of an interface with what its other end does for it. */
export function withOtherEnd(report: ImpairmentReport, end: ImpairmentReport): ImpairmentReport {
  const isIdle = report.egressMechanism === null;
  return {
    ...report,
    ingress: end.egress,
    ingressMechanism: end.egressMechanism,
    ingressCounters: end.egressCounters,
    ingressAt: { space: end.space, interface: end.interface },
    rules: mergedRules(report.rules, end.rules),
    guarded: isIdle ? end.guarded.map(mirroredMatch) : report.guarded,
    expiresAt: report.expiresAt ?? end.expiresAt,
    owner: report.owner ?? end.owner,
    persist: isIdle ? end.persist : report.persist,
    changedElsewhere: report.changedElsewhere ?? end.changedElsewhere,
  };
}

function mergedRules(
  own: readonly TrafficRuleReport[],
  other: readonly TrafficRuleReport[],
): TrafficRuleReport[] {
  const rules = [...own];
  for (const { match: mirrored, egress, egressCounters, exclude } of other) {
    const match = mirroredMatch(mirrored);
    const received = { ingress: egress, ingressCounters: egressCounters };
    const at = rules.findIndex((rule) => isSameMatch(rule.match, match));
    const found = rules[at];
    if (found) rules[at] = { ...found, ...received };
    else rules.push({ match, exclude, egress: null, egressCounters: null, ...received });
  }
  return rules;
}

function withoutIngress({ ingress: _, ...rule }: TrafficRule): TrafficRule {
  return rule;
}

function mirroredRule({ match, ingress, exclude }: TrafficRule): TrafficRule {
  const name = match.remote?.find(isHostName);
  if (name !== undefined) {
    throw new NetweirError(
      'invalid-combination',
      `a rule names ${name}, which cannot be followed where the other end does the work`,
      { remedy: 'Give its addresses instead.' },
    );
  }
  return {
    match: mirroredMatch(match),
    ...(ingress && { egress: ingress }),
    ...(exclude && { exclude }),
  };
}
