import { Button } from '@mantine/core';
import type { TrafficRuleReport } from '@netweir/api';
import { Plus } from 'lucide-react';
import { type ReactNode, useContext } from 'react';
import { ReportContext } from '../report-context.ts';
import { RuleRow } from './rule-row.tsx';
import classes from './rules.module.css';
import type { RulesState } from './use-rules.ts';

export interface RulesSectionProps {
  readonly rules: RulesState;
  readonly seedable: boolean;
}

/** What is done to part of the traffic instead: the first rule that a packet matches decides. */
export function RulesSection({ rules, seedable }: RulesSectionProps): ReactNode {
  const report = useContext(ReportContext);
  return (
    <section className={classes.rules} aria-labelledby="traffic-rules">
      <div className={classes.head}>
        <h4 id="traffic-rules">Rules for part of the traffic</h4>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<Plus size={14} aria-hidden />}
          onClick={rules.add}
        >
          Add rule
        </Button>
      </div>
      {rules.drafts.length === 0 ? (
        <p className={classes.none}>
          None: what is set above meets all packets. A rule does something else to some of them, or
          leaves them alone.
        </p>
      ) : (
        <>
          <p className={classes.none}>
            The first that a packet matches decides; what is set above meets the rest.
          </p>
          <ol className={classes.list}>
            {rules.drafts.map((draft, at) => {
              const checked = rules.checked[at];
              return (
                checked && (
                  <RuleRow
                    key={draft.id}
                    at={at}
                    draft={draft}
                    checked={checked}
                    rules={rules}
                    seedable={seedable}
                    report={inForce(report?.rules, checked.rule?.match)}
                  />
                )
              );
            })}
          </ol>
        </>
      )}
    </section>
  );
}

function inForce(
  rules: readonly TrafficRuleReport[] | undefined,
  match: TrafficRuleReport['match'] | undefined,
): TrafficRuleReport | undefined {
  const text = JSON.stringify(match);
  return rules?.find((rule) => JSON.stringify(rule.match) === text);
}
