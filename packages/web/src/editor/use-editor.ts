import type {
  Direction,
  EngineChoice,
  ImpairmentReport,
  Interface,
  InterfaceRef,
} from '@netweir/api';
import { type UseMutationResult, useMutation } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { daemon } from '../connection/daemon.ts';
import { type Checked, checkDraft } from '../form/check.ts';
import { type Draft, draftOf, sameDraft, withoutSection } from '../form/draft.ts';
import { type Lease, NO_LEASE } from '../form/lease.ts';
import { type HostMeans, type Offer, offerOf } from '../form/offer.ts';
import { type Wanted, wantedFrom } from '../form/wanted.ts';
import type { InForce, PerWay, Way } from '../form/ways.ts';
import type { Editing } from './editing.ts';

type Action = UseMutationResult<ImpairmentReport, Error, void>;

/** The fields of both directions, and what they ask for. */
export interface FieldsState {
  /** The direction whose fields are shown. */
  readonly way: Way;
  readonly setWay: (way: Way) => void;
  readonly editing: Editing;
  readonly offer: Offer;
  readonly checked: PerWay<Checked>;
  readonly engine: EngineChoice;
  readonly setEngine: (engine: EngineChoice) => void;
  readonly lease: Lease;
  readonly setLease: (lease: Lease) => void;
  readonly wanted: Wanted;
  /** Fills the fields with this. */
  readonly show: (inForce: InForce) => void;
}

export interface EditorState extends FieldsState {
  readonly apply: Action;
  readonly clear: Action;
}

/** The fields of both directions, what is wrong with them, and the two things to do. */
export function useEditor(
  reference: InterfaceRef,
  subject: Interface,
  host: HostMeans | undefined,
): EditorState {
  const fields = useFields(subject, host, () => {
    apply.reset();
    clear.reset();
  });
  const { apply, clear } = useActions(reference, fields.wanted, fields.show);
  return { ...fields, apply, clear };
}

/** The fields, which follow what is in force for as long as nobody has edited them. */
export function useFields(
  inForce: InForce,
  host: HostMeans | undefined,
  onEdit: () => void,
): FieldsState {
  const drafts = { egress: useDraft(inForce.egress), ingress: useDraft(inForce.ingress) };
  const [way, setWay] = useState<Way>(inForce.ingress && !inForce.egress ? 'ingress' : 'egress');
  const [engine, setEngine] = useState<EngineChoice>('auto');
  const [lease, setLease] = useState(NO_LEASE);
  const checked = { egress: drafts.egress.checked, ingress: drafts.ingress.checked };
  const offer = offerOf(host, engine, way);
  return {
    way,
    setWay,
    editing: editingOf(drafts[way], offer, onEdit),
    offer,
    checked,
    engine,
    setEngine: (choice) => {
      setEngine(choice);
      onEdit();
    },
    lease,
    setLease,
    wanted: wantedFrom({ checked, engine, lease, host }),
    show: ({ egress, ingress }) => {
      drafts.egress.set(draftOf(egress ?? {}));
      drafts.ingress.set(draftOf(ingress ?? {}));
    },
  };
}

function editingOf({ draft, checked, set }: DraftState, offer: Offer, onEdit: () => void): Editing {
  const edit = (next: Draft): void => {
    set(next);
    onEdit();
  };
  return {
    draft,
    errors: checked.ok ? {} : checked.errors,
    can: offer.can,
    set: (path, text) => edit({ ...draft, [path]: text }),
    empty: (section) => edit(withoutSection(draft, section)),
  };
}

function useActions(
  reference: InterfaceRef,
  wanted: Wanted,
  onCleared: (report: ImpairmentReport) => void,
): { apply: Action; clear: Action } {
  const apply: Action = useMutation({
    mutationFn: () => {
      if (!wanted.ok) throw new Error('Apply is not offered while it would send nothing.');
      return daemon.setImpairment(reference, wanted.impairment);
    },
    onMutate: () => clear.reset(),
  });
  const clear: Action = useMutation({
    mutationFn: () => daemon.clearImpairment(reference),
    onMutate: () => apply.reset(),
    onSuccess: onCleared,
  });
  return { apply, clear };
}

interface DraftState {
  readonly draft: Draft;
  readonly checked: Checked;
  readonly set: (draft: Draft) => void;
}

/** Starts from what is in force and follows it for as long as nobody has edited the fields. */
function useDraft(inForce: Direction | null): DraftState {
  const current = useMemo(() => draftOf(inForce ?? {}), [inForce]);
  const [seen, setSeen] = useState(current);
  const [draft, set] = useState(current);
  if (seen !== current) {
    setSeen(current);
    if (sameDraft(draft, seen)) set(current);
  }
  const checked = useMemo(() => checkDraft(draft), [draft]);
  return { draft, checked, set };
}
