import type { Impairment, ImpairmentReport, Interface, InterfaceRef } from '@netweir/api';
import { askedAgain, endOf, extended, formerOf, timeLeft } from '../form/former.ts';
import type { HostMeans } from '../form/offer.ts';
import { isImpaired } from '../form/ways.ts';
import { type Change, useChange } from './use-change.ts';
import { type FieldsState, useFields } from './use-fields.ts';
import { useReport } from './use-report.ts';

export interface EditorState extends FieldsState {
  readonly report: ImpairmentReport | undefined;
  /** Whether it is known what Apply would take the place of. */
  readonly isKnown: boolean;
  readonly change: Change;
  readonly apply: () => void;
  readonly clear: () => void;
  /** Puts back what was before the last change. */
  readonly undo: () => void;
  /** Does the last change again, over what it was refused for. */
  readonly replace: () => void;
  /** Changes the time of what is in force by so much; undefined lets it stay until it is cleared. */
  readonly prolong: (byMs: number | undefined) => void;
}

/** The fields of an interface, what is wrong with them, and what can be done. */
export function useEditor(
  reference: InterfaceRef,
  subject: Interface,
  host: HostMeans | undefined,
): EditorState {
  const report = useReport(reference, isImpaired(subject));
  const known = {
    egress: subject.egress,
    ingress: subject.ingress,
    rules: report?.rules ?? [],
    persist: report?.persist ?? false,
    expiresAt: report?.provisionalUntil ? endOf(report) : subject.expiresAt,
  };
  const { expiresAt } = known;
  const fields = useFields(known, host, () => change.forget());
  const change = useChange(reference, (done, verb) => {
    if (verb === 'clear' || verb === 'undo') fields.show(done);
    else if (done.provisionalUntil === null) fields.setLease(undefined);
  });
  const { wanted, lease } = fields;
  const start = (verb: 'apply' | 'undo' | 'time', impairment: Impairment | null): void =>
    change.start({ verb, impairment });
  return {
    ...fields,
    report,
    isKnown: report !== undefined || subject.trafficRules === 0,
    change,
    apply: () => {
      if (!wanted.ok) return;
      const end = lease.choice === 'keep' ? expiresAt : null;
      const time = end === null ? undefined : timeLeft(end, Date.now());
      start('apply', time === undefined ? wanted.impairment : { ...wanted.impairment, for: time });
    },
    clear: () => change.start({ verb: 'clear', impairment: null }),
    undo: () => change.former && start('undo', askedAgain(change.former, Date.now())),
    replace: () => change.request && change.start({ ...change.request, replace: true }),
    prolong: (byMs) => {
      const now = report && formerOf(report);
      if (!now?.impairment) return;
      const time = byMs === undefined ? {} : { for: extended(expiresAt, Date.now(), byMs) };
      start('time', { ...now.impairment, ...time });
    },
  };
}
