import { isHostName, type TrafficMatch, type TrafficRuleReport } from '@netweir/api';

/** A match as it is seen from the other end of a veth. Names, which only `remote` may have, stand for their addresses. */
export function mirroredMatch(
  match: TrafficMatch,
  addresses: readonly string[] = [],
): TrafficMatch {
  const { remote, local, remotePorts, localPorts, ...rest } = match;
  const ends = remote && [...remote.filter((end) => !isHostName(end)), ...addresses];
  return {
    ...rest,
    ...(local && { remote: local }),
    ...(ends && { local: ends }),
    ...(localPorts && { remotePorts: localPorts }),
    ...(remotePorts && { localPorts: remotePorts }),
  };
}

/** The rules of an interface for what it receives, as those of what the other end of its veth sends. */
export function mirroredRules(rules: readonly TrafficRuleReport[]): TrafficRuleReport[] {
  return rules
    .filter(({ ingress, exclude }) => ingress !== null || exclude)
    .map(({ match, addresses, exclude, ingress, ingressCounters }) => ({
      match: mirroredMatch(match, addresses),
      exclude,
      egress: ingress,
      egressCounters: ingressCounters,
      ingress: null,
      ingressCounters: null,
    }))
    .filter(({ match }) => match.local?.length !== 0);
}
