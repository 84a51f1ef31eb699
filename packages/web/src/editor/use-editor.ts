import type { ImpairmentReport, Interface, InterfaceRef } from '@netweir/api';
import { type UseMutationResult, useMutation } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { daemon } from '../connection/daemon.ts';
import { type Checked, checkDraft } from '../form/check.ts';
import { type Draft, draftOf, sameDraft, withoutSection } from '../form/draft.ts';
import { type Lease, leaseProblem, leaseTime, NO_LEASE } from '../form/lease.ts';
import type { Editing } from './editing.ts';

type Action = UseMutationResult<ImpairmentReport, Error, void>;

export interface EditorState {
  readonly editing: Omit<Editing, 'netem'>;
  readonly checked: Checked;
  readonly lease: Lease;
  readonly setLease: (lease: Lease) => void;
  readonly leaseError: string | undefined;
  readonly apply: Action;
  readonly clear: Action;
}

/** The fields, what is wrong with them, and the two things to do. */
export function useEditor(reference: InterfaceRef, subject: Interface): EditorState {
  const [draft, setDraft] = useDraft(subject);
  const [lease, setLease] = useState(NO_LEASE);
  const checked = useMemo(() => checkDraft(draft), [draft]);
  const time = leaseTime(lease);

  const apply: Action = useMutation({
    mutationFn: () => {
      if (!checked.ok) throw new Error('Apply is not offered while a field is wrong.');
      return daemon.setImpairment(reference, {
        egress: checked.direction,
        ...(time !== '' && { for: time }),
      });
    },
    onMutate: () => clear.reset(),
  });
  const clear: Action = useMutation({
    mutationFn: () => daemon.clearImpairment(reference),
    onMutate: () => apply.reset(),
    onSuccess: (report) => setDraft(draftOf(report.egress ?? {})),
  });
  const edit = (next: Draft): void => {
    setDraft(next);
    apply.reset();
    clear.reset();
  };
  return {
    editing: {
      draft,
      errors: checked.ok ? {} : checked.errors,
      set: (path, text) => edit({ ...draft, [path]: text }),
      empty: (section) => edit(withoutSection(draft, section)),
    },
    checked,
    lease,
    setLease,
    leaseError: leaseProblem(lease),
    apply,
    clear,
  };
}

/** Starts from what the kernel does and follows it for as long as nobody has edited the fields. */
function useDraft({ egress }: Interface): [Draft, (draft: Draft) => void] {
  const current = useMemo(() => draftOf(egress ?? {}), [egress]);
  const [seen, setSeen] = useState(current);
  const [draft, setDraft] = useState(current);
  if (seen !== current) {
    setSeen(current);
    if (sameDraft(draft, seen)) setDraft(current);
  }
  return [draft, setDraft];
}
