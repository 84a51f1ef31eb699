import { SegmentedControl } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Draft } from '../../form/draft.ts';
import type { CheckedRule, RuleDraft } from '../../form/rule-draft.ts';
import { OTHER_WAY, type Way } from '../../form/ways.ts';
import { Directions } from '../directions.tsx';
import type { Editing } from '../editing.ts';
import { useCapabilities } from '../means.tsx';
import { editingOf } from '../use-fields.ts';
import { MatchFields } from './match-fields.tsx';
import classes from './rules.module.css';
import type { RulesState } from './use-rules.ts';

export interface RuleFormProps {
  readonly draft: RuleDraft;
  readonly checked: CheckedRule;
  readonly rules: RulesState;
  readonly seedable: boolean;
}

const EFFECTS = [
  { value: 'impair', label: 'Do this to them' },
  { value: 'exclude', label: 'Leave them alone' },
];

/** The fields of one rule: which packets, and what is done to them. */
export function RuleForm({ draft, checked, rules, seedable }: RuleFormProps): ReactNode {
  const capabilities = useCapabilities();
  const setWay = (way: Way, next: Draft): void =>
    rules.change({ ...draft, ways: { ...draft.ways, [way]: next } });
  const editing = (way: Way): Editing =>
    editingOf({
      draft: draft.ways[way],
      checked: checked.ways[way],
      offer: rules.offers[way],
      set: (next) => setWay(way, next),
      setOther: (next) => setWay(OTHER_WAY[way], next),
    });
  return (
    <div className={classes.form}>
      <MatchFields
        draft={draft.match}
        errors={checked.match.ok ? {} : checked.match.errors}
        onChange={(match) => rules.change({ ...draft, match })}
      />
      <SegmentedControl
        fullWidth
        size="xs"
        aria-label="What is done to these packets"
        data={EFFECTS}
        value={draft.exclude ? 'exclude' : 'impair'}
        onChange={(effect) => rules.change({ ...draft, exclude: effect === 'exclude' })}
      />
      {!draft.exclude && (
        <Directions
          ways={{ egress: editing('egress'), ingress: editing('ingress') }}
          capabilities={capabilities}
          seedable={seedable}
        />
      )}
    </div>
  );
}
