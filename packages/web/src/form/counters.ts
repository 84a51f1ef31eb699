import type { MechanismCounters, TrafficRuleReport } from '@netweir/api';
import { WAYS, type Way } from './ways.ts';

const NO_BREAK_SPACE = '\u00a0';

const PASSED: Readonly<Record<Way, string>> = { egress: 'sent', ingress: 'delivered' };

/** `12 packets sent`, `1 dropped`: what a direction's mechanism has done. */
export function counterParts(way: Way, counters: MechanismCounters): readonly string[] {
  return [
    `${figure(counters.sentPackets)} packets ${PASSED[way]}`,
    `${figure(counters.droppedPackets)} dropped`,
    `${figure(counters.queuedPackets)} waiting`,
  ];
}

/** The same of both directions of a rule in one line; empty where nothing is counted. */
export function countersText(
  report: Pick<TrafficRuleReport, 'egressCounters' | 'ingressCounters'>,
): string {
  return joined(
    WAYS.flatMap((way) => {
      const counters = report[`${way}Counters`];
      return counters ? counterParts(way, counters).slice(0, 2) : [];
    }),
  );
}

/** Breaks lines between the parts only. */
export function joined(parts: readonly string[]): string {
  return parts.map((part) => part.replaceAll(' ', NO_BREAK_SPACE)).join(`${NO_BREAK_SPACE}· `);
}

function figure(count: number): string {
  return count.toLocaleString('en');
}
