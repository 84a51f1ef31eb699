import type { Impairment, ImpairmentReport } from '@netweir/api';

/** What an interface did before a change, so that it can do it again; null is nothing. */
export interface Former {
  readonly impairment: Impairment | null;
  readonly expiresAt: string | null;
}

/** The impairment by which a report would come about again, but for its time. */
export function formerOf(report: ImpairmentReport): Former {
  const { egress, ingress, rules, persist } = report;
  if (!egress && !ingress && rules.length === 0) return { impairment: null, expiresAt: null };
  const mechanisms = [report.egressMechanism, report.ingressMechanism].filter(
    (one) => one !== null,
  );
  const isOwnEngine = mechanisms.length > 0 && mechanisms.every((one) => one === 'userspace');
  return {
    impairment: {
      ...(egress && { egress }),
      ...(ingress && { ingress }),
      ...(rules.length > 0 && {
        rules: rules.map((rule) => ({
          match: rule.match,
          ...(rule.exclude
            ? { exclude: true as const }
            : {
                ...(rule.egress && { egress: rule.egress }),
                ...(rule.ingress && { ingress: rule.ingress }),
              }),
        })),
      }),
      ...(isOwnEngine && { engine: 'userspace' as const }),
      ...(persist && { persist }),
    },
    expiresAt: endOf(report),
  };
}

/** When it ends by itself; not the end of a change that waits to be confirmed, which is not meant to be one. */
export function endOf({ expiresAt, provisionalUntil }: ImpairmentReport): string | null {
  return provisionalUntil === null ? expiresAt : null;
}

/** What to ask for now; null is to clear, also where its time would be over by now. */
export function askedAgain({ impairment, expiresAt }: Former, nowMs: number): Impairment | null {
  if (impairment === null || expiresAt === null) return impairment;
  const time = timeLeft(expiresAt, nowMs);
  return time === undefined ? null : { ...impairment, for: time };
}

/** From now until then as a duration, in whole seconds; undefined where it is over. */
export function timeLeft(expiresAt: string, nowMs: number): string | undefined {
  const seconds = Math.ceil((Date.parse(expiresAt) - nowMs) / 1000);
  return seconds > 0 ? `${seconds}s` : undefined;
}

/** What is left, if there is an end, and some more, in whole seconds. */
export function extended(expiresAt: string | null, nowMs: number, byMs: number): string {
  const leftMs = expiresAt === null ? 0 : Math.max(0, Date.parse(expiresAt) - nowMs);
  return `${Math.ceil((leftMs + byMs) / 1000)}s`;
}
