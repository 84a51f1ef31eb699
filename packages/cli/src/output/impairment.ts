import {
  type Direction,
  describeMatch,
  type ImpairmentReport,
  type InterfaceNetwork,
  type MechanismCounters,
  type Selected,
  summarize,
  type TrafficRuleReport,
} from '@netweir/api';
import pc from 'picocolors';
import type { Terminal } from '../terminal.ts';
import { containerLines, type Line } from './container.ts';
import { formatBytes, formatCountdown, formatMoment } from './numbers.ts';
import { printable } from './text.ts';

/**
 * A report in full: every setting as it was read back, what has happened to packets, and whose
 * interface it is where that is known.
 */
export function renderReport(
  report: ImpairmentReport,
  terminal: Pick<Terminal, 'colors'>,
  nowMs: number,
  selected?: Selected,
): string {
  const c = pc.createColors(terminal.colors);
  const lines = [...reportLines(report, nowMs), ...ownerLines(selected)].map(
    ([name, text]) => `  ${c.dim(name.padEnd(12))}${printable(text)}`,
  );
  const title = c.bold(printable(`${report.space}/${report.interface}`));
  return `${[title, ...lines].join('\n')}\n`;
}

/** Its network, its rule, and its containers; those that share the network of the host are too many. */
function ownerLines(selected: Selected | undefined): Line[] {
  if (!selected) return [];
  const { space, interface: one } = selected;
  const { network, rule } = one;
  return [
    ...(rule === null ? [] : [['rule', rule] as const]),
    ...(network ? networkLines(network) : []),
    ...(space.command === null ? [] : [['process', space.command] as const]),
    ...(space.kind === 'host' ? [] : space.containers.flatMap(containerLines)),
  ];
}

function networkLines({ name, driver, internal, gateways }: InterfaceNetwork): Line[] {
  const marks = [driver, internal && 'internal: no way out'].filter(Boolean);
  return [
    ['network', marks.length === 0 ? name : `${name} (${marks.join(', ')})`],
    ...gateways.map((gateway): Line => ['  gateway', gateway]),
  ];
}

function reportLines(report: ImpairmentReport, nowMs: number): Line[] {
  const { egress, ingress, egressMechanism, ingressMechanism } = report;
  return [
    ...directionLines('egress', egress, egressMechanism, report.egressCounters),
    ...directionLines('ingress', ingress, ingressMechanism, report.ingressCounters),
    ...otherEndLine(report),
    ...report.guarded.map((match): Line => ['guard', `${describeMatch(match)} passes untouched`]),
    ...report.rules.flatMap(ruleLines),
    ...originalLine(report),
    ...(report.changedElsewhere === null ? [] : [['elsewhere', report.changedElsewhere] as const]),
    ...(egress || ingress || report.rules.length > 0 ? endLines(report, nowMs) : []),
  ];
}

/** A direction under its name: what does it, each setting, and what it has done. */
function directionLines(
  name: 'egress' | 'ingress',
  direction: Direction | null,
  mechanism: ImpairmentReport['egressMechanism'],
  counters: MechanismCounters | null,
): Line[] {
  const by = mechanism === 'userspace' ? 'the userspace engine' : mechanism;
  const head = by ? `by ${by}` : 'untouched by netweir';
  const lines = [...(direction ? settingLines(direction) : []), ...countersLines(counters)];
  return [[name, head], ...lines.map(([part, text]): Line => [`  ${part}`, text])];
}

/** Where another interface does it, which is to be known of both. */
function otherEndLine({ ingressAt }: ImpairmentReport): Line[] {
  if (!ingressAt) return [];
  return [['  at', `${ingressAt.space}/${ingressAt.interface}, the other end, which sends it`]];
}

/** A rule under what it matches. */
function ruleLines(rule: TrafficRuleReport): Line[] {
  const way = (
    name: string,
    direction: Direction | null,
    counters: MechanismCounters | null,
  ): Line[] =>
    direction
      ? [[`  ${name}`, summarize(direction)] as const, ...indented(countersLines(counters))]
      : [];
  return [
    ['rule', describeMatch(rule.match)],
    ...(rule.addresses ? [['  addresses', rule.addresses.join(', ')] as const] : []),
    ...(rule.exclude ? [['  passes', 'untouched'] as const] : []),
    ...way('egress', rule.egress, rule.egressCounters),
    ...way('ingress', rule.ingress, rule.ingressCounters),
  ];
}

function indented(lines: readonly Line[]): Line[] {
  return lines.map(([name, text]): Line => [`    ${name}`, text]);
}

/** The userspace engine leaves the root qdisc alone: only the kernel's own mechanisms replace it. */
function originalLine({ egressMechanism, original }: ImpairmentReport): Line[] {
  if (egressMechanism === null || egressMechanism === 'userspace') return [];
  return [['original', original === null ? 'unknown' : `${original}, which clearing puts back`]];
}

function endLines(
  { expiresAt, owner, persist, provisionalUntil }: ImpairmentReport,
  nowMs: number,
): Line[] {
  const end = expiresAt === null ? undefined : new Date(expiresAt);
  return [
    ...(provisionalUntil
      ? [['provisional', 'ends unless `netweir confirm` is given'] as const]
      : []),
    [
      'ends',
      end ? `${formatMoment(end)} (in ${formatCountdown(end.getTime() - nowMs)})` : 'not by itself',
    ],
    ...(owner ? [['owner', owner] as const] : []),
    ...(persist && owner === 'daemon' ? [['persists', 'when the daemon ends, too'] as const] : []),
  ];
}

function countersLines(counters: MechanismCounters | null): Line[] {
  if (!counters) return [];
  const { sentBytes, sentPackets, droppedPackets, queuedPackets, queuedBytes } = counters;
  return [
    ['sent', `${formatBytes(sentBytes)} in ${sentPackets} packets`],
    ['dropped', `${droppedPackets} packets`],
    ['queued', `${formatBytes(queuedBytes)} in ${queuedPackets} packets`],
  ];
}

/** Each setting with all of its parts, under the names that the schema gives them. */
function settingLines({ limitPackets, ecn, seed, ...settings }: Direction): Line[] {
  const parts = Object.entries(settings).flatMap(([name, setting]) =>
    setting ? [[name, partsText(setting)] as const] : [],
  );
  return [
    ...parts,
    ...(limitPackets === undefined ? [] : [['limit', `${limitPackets} packets`] as const]),
    ...(ecn ? [['ecn', 'marks instead of dropping'] as const] : []),
    ...(seed === undefined ? [] : [['seed', seed] as const]),
  ];
}

/** `{mean: '100ms', jitter: '10ms'}` as `100ms, jitter 10ms`: what stands first names itself. */
function partsText(setting: Readonly<Record<string, string | number | undefined>>): string {
  const { mean, probability, rate, ...others } = setting;
  const first = mean ?? probability ?? rate;
  const named = Object.entries(others).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${value}`],
  );
  return [...(first === undefined ? [] : [first]), ...named].join(', ');
}
