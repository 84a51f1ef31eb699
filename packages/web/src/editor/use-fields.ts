import type { Direction, EngineChoice, ImpairmentReport } from '@netweir/api';
import { useMemo, useState } from 'react';
import { type Checked, checkDraft } from '../form/check.ts';
import { type Draft, draftOf, sameDraft, withoutSection } from '../form/draft.ts';
import { type Lease, leaseInForce } from '../form/lease.ts';
import { type HostMeans, type Offer, offerOf } from '../form/offer.ts';
import { type GuardChoice, type Wanted, wantedFrom } from '../form/wanted.ts';
import { type InForce, OTHER_WAY, type PerWay, type Way } from '../form/ways.ts';
import type { Editing } from './editing.ts';
import { type RulesState, useRules } from './rules/use-rules.ts';

/** What is known of an interface: rules, time and persistence once it has reported. */
export type Known = InForce & Partial<Pick<ImpairmentReport, 'rules' | 'expiresAt' | 'persist'>>;

/** The fields of an impairment, and what they ask for. */
export interface FieldsState {
  readonly ways: PerWay<Editing>;
  readonly rules: RulesState;
  readonly engine: EngineChoice;
  readonly setEngine: (engine: EngineChoice) => void;
  readonly lease: Lease;
  readonly setLease: (lease: Lease | undefined) => void;
  readonly expiresAt: string | null;
  readonly persist: boolean;
  readonly setPersist: (persist: boolean) => void;
  readonly guard: GuardChoice;
  readonly setGuard: (guard: GuardChoice) => void;
  readonly wanted: Wanted;
  readonly checked: PerWay<Checked>;
  /** Fills the fields with this. */
  readonly show: (known: Known) => void;
}

/** The fields, which follow what is in force for as long as nobody has edited them. */
export function useFields(
  known: Known,
  host: HostMeans | undefined,
  onEdit: () => void,
): FieldsState {
  const drafts = { egress: useDraft(known.egress), ingress: useDraft(known.ingress) };
  const [engine, setEngine] = useState<EngineChoice>('auto');
  const offers = {
    egress: offerOf(host, engine, 'egress'),
    ingress: offerOf(host, engine, 'ingress'),
  };
  const rules = useRules(known.rules, offers, onEdit);
  const [chosenLease, setLease] = useState<Lease>();
  const [chosenPersist, setPersist] = useState<boolean>();
  const [guard, setGuard] = useState<GuardChoice>('auto');
  const checked = { egress: drafts.egress.checked, ingress: drafts.ingress.checked };
  const expiresAt = known.expiresAt ?? null;
  const lease = leaseInForce(chosenLease, expiresAt);
  const persist = chosenPersist ?? known.persist ?? false;
  const waysWith = (way: Way): Editing =>
    editingOf({
      ...drafts[way],
      offer: offers[way],
      set: (draft) => {
        drafts[way].set(draft);
        onEdit();
      },
      setOther: (draft) => {
        drafts[OTHER_WAY[way]].set(draft);
        onEdit();
      },
    });
  return {
    ways: { egress: waysWith('egress'), ingress: waysWith('ingress') },
    rules,
    engine,
    setEngine: (choice) => {
      setEngine(choice);
      onEdit();
    },
    lease,
    setLease,
    expiresAt,
    persist,
    setPersist,
    guard,
    setGuard,
    wanted: wantedFrom({ checked, rules: rules.checked, engine, lease, persist, guard, host }),
    checked,
    show: (now) => {
      drafts.egress.set(draftOf(now.egress ?? {}));
      drafts.ingress.set(draftOf(now.ingress ?? {}));
      rules.show(now.rules ?? []);
      setLease(undefined);
      setPersist(undefined);
    },
  };
}

export interface EditedDraft {
  readonly draft: Draft;
  readonly checked: Checked;
  readonly set: (draft: Draft) => void;
  readonly setOther: (draft: Draft) => void;
  readonly offer: Offer;
}

/** What the fields of one direction share. */
export function editingOf({ draft, checked, set, setOther, offer }: EditedDraft): Editing {
  return {
    draft,
    checked,
    errors: checked.ok ? {} : checked.errors,
    offer,
    can: offer.can,
    set: (path, text) => set({ ...draft, [path]: text }),
    empty: (section) => set(withoutSection(draft, section)),
    copyToOther: () => setOther(draft),
  };
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
