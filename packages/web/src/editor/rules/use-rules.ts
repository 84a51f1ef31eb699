import { useMemo, useState } from 'react';
import type { Offer } from '../../form/offer.ts';
import {
  type CheckedRule,
  checkRules,
  newRule,
  type RuleDraft,
  type RuleParts,
  ruleDraftOf,
  sameRules,
  withMoved,
} from '../../form/rule-draft.ts';
import type { PerWay } from '../../form/ways.ts';

/** The rules for part of the traffic, as they stand in the editor. */
export interface RulesState {
  readonly drafts: readonly RuleDraft[];
  readonly checked: readonly CheckedRule[];
  /** What the chosen engine can do in each direction. */
  readonly offers: PerWay<Offer>;
  /** The one whose fields are shown. */
  readonly openId: number | undefined;
  readonly open: (id: number | undefined) => void;
  readonly add: () => void;
  readonly change: (rule: RuleDraft) => void;
  readonly remove: (id: number) => void;
  readonly move: (id: number, by: -1 | 1) => void;
  readonly show: (rules: readonly RuleParts[]) => void;
}

const NONE: readonly RuleParts[] = [];

/** They follow what is in force for as long as nobody has edited them. */
export function useRules(
  inForce: readonly RuleParts[] = NONE,
  offers: PerWay<Offer>,
  onEdit: () => void,
): RulesState {
  const text = JSON.stringify(
    inForce.map(({ match, egress, ingress, exclude }) => ({ match, egress, ingress, exclude })),
  );
  const current = useMemo(() => (JSON.parse(text) as RuleParts[]).map(ruleDraftOf), [text]);
  const [seen, setSeen] = useState(current);
  const [drafts, set] = useState<readonly RuleDraft[]>(current);
  const [openId, open] = useState<number>();
  if (seen !== current) {
    setSeen(current);
    if (sameRules(drafts, seen)) set(current);
  }
  const checked = useMemo(() => checkRules(drafts), [drafts]);
  const edit = (next: readonly RuleDraft[]): void => {
    set(next);
    onEdit();
  };
  return {
    drafts,
    checked,
    offers,
    openId,
    open,
    add: () => {
      const rule = newRule();
      edit([...drafts, rule]);
      open(rule.id);
    },
    change: (rule) => edit(drafts.map((one) => (one.id === rule.id ? rule : one))),
    remove: (id) => edit(drafts.filter((one) => one.id !== id)),
    move: (id, by) => edit(withMoved(drafts, id, by)),
    show: (rules) => set(rules.map(ruleDraftOf)),
  };
}
