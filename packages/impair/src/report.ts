import type { ImpairmentReport, TrafficRuleReport } from '@netweir/api';
import type { HookReport, HookWayReport } from './hook-impairer.ts';
import type { IfbReport } from './ifb-impairer.ts';
import type { RootEntry, Setting, Way } from './journal/entry.ts';
import { mirroredMatch, mirroredRules } from './other-end.ts';
import type { Reachable } from './reachable.ts';
import type { RootReport } from './root-impairer.ts';
import type { RuleReport, WayReport } from './tree/tree.ts';
import { keyOfMatch, wayOf } from './way.ts';

/** What is in force on an interface, by what does it. */
export interface InForce {
  readonly root: RootReport;
  readonly ifb: IfbReport;
  readonly hooks: HookReport;
  /** The other end of its veth, where that does what it receives. */
  readonly end: EndInForce | undefined;
}

export interface EndInForce {
  readonly at: Reachable;
  readonly root: RootReport;
}

/** What an interface does to its packets, whatever does it. */
export function impairmentReport(at: Reachable, inForce: InForce): ImpairmentReport {
  const { root, end } = inForce;
  const ways = waysOf(inForce);
  const setting = settingOf(inForce);
  return {
    space: at.space,
    interface: at.interface,
    ifindex: at.ifindex,
    ...bothOf(ways),
    ...matchesOf(root.entry, setting, ways),
    provisionalUntil: null,
    ...(end?.root.way && {
      ingressAt: { space: end.at.space, interface: end.at.interface },
    }),
    original: (root.way && root.entry?.original.description) ?? null,
    expiresAt: setting?.expiresAt ?? null,
    owner: setting?.owner ?? null,
    persist: setting !== undefined && setting.holder === undefined,
    changedElsewhere: null,
  };
}

type Ways = Readonly<Record<Way, WayReport | HookWayReport | undefined>>;

function waysOf({ root, ifb, hooks, end }: InForce): Ways {
  return {
    egress: root.way ?? hooks.egress,
    ingress: ifb.way ?? hooks.ingress ?? end?.root.way,
  };
}

function settingOf({ root, ifb, hooks, end }: InForce): Setting | undefined {
  const kernel = [root, ifb, end?.root].find((one) => one?.way && one.entry);
  const isHooked = hooks.egress !== undefined || hooks.ingress !== undefined;
  return (kernel?.entry ?? (isHooked ? hooks.entry : undefined))?.setting;
}

function bothOf({ egress, ingress }: Ways): Both {
  return {
    egress: egress?.base ?? null,
    ingress: ingress?.base ?? null,
    egressMechanism: egress?.mechanism ?? null,
    ingressMechanism: ingress?.mechanism ?? null,
    egressCounters: egress?.counters ?? null,
    ingressCounters: ingress?.counters ?? null,
  };
}

type Both = Pick<ImpairmentReport, Way | `${Way}Mechanism` | `${Way}Counters`>;

/** What a setting matches, as it is seen from the interface, also where the setting is of its other end. */
function matchesOf(
  entry: RootEntry | undefined,
  setting: Setting | undefined,
  ways: Ways,
): Pick<ImpairmentReport, 'rules' | 'guarded'> {
  if (!setting) return { rules: [], guarded: [] };
  const { guarded = [] } = setting;
  if (!entry?.insteadOf) return { rules: rulesOf(setting, ways), guarded };
  return {
    rules: mirroredRules(rulesOf(setting, { egress: undefined, ingress: ways.egress })),
    guarded: guarded.map((match) => mirroredMatch(match)),
  };
}

/** The rules of a setting with what is in force of them. */
function rulesOf(setting: Setting, ways: Ways): TrafficRuleReport[] {
  const found = {
    egress: byMatch(setting, ways, 'egress'),
    ingress: byMatch(setting, ways, 'ingress'),
  };
  return setting.rules.map(({ match, exclude }): TrafficRuleReport => {
    const key = keyOfMatch(match);
    const [sent, received] = [found.egress.get(key), found.ingress.get(key)];
    const addresses = (match.remote ?? []).flatMap((end) => setting.addresses[end] ?? []);
    return {
      match,
      ...(addresses.length > 0 && { addresses }),
      egress: sent?.direction ?? null,
      ingress: received?.direction ?? null,
      exclude: exclude ?? false,
      egressCounters: sent?.counters ?? null,
      ingressCounters: received?.counters ?? null,
    };
  });
}

function byMatch(setting: Setting, ways: Ways, way: Way): ReadonlyMap<string, RuleReport> {
  const reports = ways[way]?.rules ?? [];
  const rules = wayOf(setting, way)?.rules ?? [];
  return new Map(
    rules.flatMap(({ match }, index) => {
      const report = reports[index];
      return report ? [[keyOfMatch(match), report] as const] : [];
    }),
  );
}
