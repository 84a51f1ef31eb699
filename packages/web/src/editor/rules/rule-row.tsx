import { ActionIcon } from '@mantine/core';
import type { TrafficRuleReport } from '@netweir/api';
import { ArrowDown, ArrowUp, ChevronRight, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { countersText } from '../../form/counters.ts';
import { matchSummary } from '../../form/match-draft.ts';
import { type CheckedRule, effectSummary, type RuleDraft } from '../../form/rule-draft.ts';
import { RuleForm } from './rule-form.tsx';
import classes from './rules.module.css';
import type { RulesState } from './use-rules.ts';

export interface RuleRowProps {
  readonly at: number;
  readonly draft: RuleDraft;
  readonly checked: CheckedRule;
  readonly rules: RulesState;
  readonly seedable: boolean;
  /** The rule of the same match that is in force. */
  readonly report: TrafficRuleReport | undefined;
}

/** One rule: a line that says what it does and has done, its place in the order, and its fields. */
export function RuleRow({ at, draft, checked, rules, seedable, report }: RuleRowProps): ReactNode {
  const isOpen = rules.openId === draft.id;
  const name = `Rule ${at + 1}`;
  return (
    <li className={classes.rule} data-wrong={checked.rule === undefined} aria-label={name}>
      <div className={classes.line}>
        <button
          type="button"
          className={classes.summary}
          aria-expanded={isOpen}
          onClick={() => rules.open(isOpen ? undefined : draft.id)}
        >
          <ChevronRight size={16} aria-hidden />
          <span className={classes.number}>{at + 1}</span>
          <Summary name={name} checked={checked} report={report} />
        </button>
        <div className={classes.tools}>
          <Tool
            label={`Move rule ${at + 1} up`}
            disabled={at === 0}
            onClick={() => rules.move(draft.id, -1)}
          >
            <ArrowUp size={15} aria-hidden />
          </Tool>
          <Tool
            label={`Move rule ${at + 1} down`}
            disabled={at === rules.drafts.length - 1}
            onClick={() => rules.move(draft.id, 1)}
          >
            <ArrowDown size={15} aria-hidden />
          </Tool>
          <Tool label={`Remove rule ${at + 1}`} onClick={() => rules.remove(draft.id)}>
            <Trash2 size={15} aria-hidden />
          </Tool>
        </div>
      </div>
      {isOpen && <RuleForm draft={draft} checked={checked} rules={rules} seedable={seedable} />}
    </li>
  );
}

function Summary({
  name,
  checked,
  report,
}: Pick<RuleRowProps, 'checked' | 'report'> & { name: string }): ReactNode {
  const { match, rule, problem } = checked;
  return (
    <span className={classes.texts}>
      <strong>{match.ok ? matchSummary(match.match) : name}</strong>
      {rule ? (
        <span>{effectSummary(rule)}</span>
      ) : (
        <span className={classes.problem}>{problem}</span>
      )}
      {report && <InForce report={report} />}
    </span>
  );
}

/** What the rule has met since it is in force, and whom its names are looked up to. */
function InForce({ report }: { report: TrafficRuleReport }): ReactNode {
  const counted = countersText(report);
  return (
    <>
      {counted !== '' && <span className="tabular muted">{counted}</span>}
      {report.addresses && (
        <span className="muted">
          {report.addresses.length > 0
            ? `looked up: ${report.addresses.join(', ')}`
            : 'its names are looked up to nothing yet'}
        </span>
      )}
    </>
  );
}

interface ToolProps {
  readonly label: string;
  readonly disabled?: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

function Tool({ label, disabled = false, onClick, children }: ToolProps): ReactNode {
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="md"
      aria-label={label}
      disabled={disabled}
      onClick={onClick}
    >
      {children}
    </ActionIcon>
  );
}
