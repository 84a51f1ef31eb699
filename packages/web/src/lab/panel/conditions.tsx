import { Button } from '@mantine/core';
import { LinkConditionName } from '@netweir/api';
import { ChevronRight } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import editor from '../../editor/editor.module.css';
import { Fields } from '../../editor/fields.tsx';
import { useCapabilities } from '../../editor/means.tsx';
import { useFields } from '../../editor/use-fields.ts';
import { WAY_NAMES, WAYS } from '../../form/ways.ts';
import {
  type Conditions,
  choiceOf,
  choiceOfBoth,
  conditionsChange,
  detailedConditions,
} from '../model/changes.ts';
import type { LinkSubject } from '../model/place.ts';
import { conditionText } from '../model/words.ts';
import { type Change, useChange } from '../use-change.ts';
import { KindSelect } from './kind-select.tsx';
import classes from './panel.module.css';
import { Part } from './part.tsx';

export interface ConditionsProps {
  readonly subject: LinkSubject;
  readonly now: Conditions;
}

/** What a link does each way: by the name of a preset, or in detail. */
export function ConditionsPart({ subject, now: { egress, ingress } }: ConditionsProps): ReactNode {
  const change = useChange();
  const now = { egress, ingress };
  const set = (ways: Conditions): void => change.mutate(conditionsChange(subject, ways));
  const [sends, receives] = waysOf(subject);
  const [isDetailed, setDetailed] = useState(false);
  return (
    <Part title="Conditions" change={change}>
      <div className={classes.fields}>
        <KindSelect
          label="Both ways"
          kinds={CHOICES}
          now={choiceOfBoth(now)}
          disabled={change.isPending}
          onChoose={(both) => set({ egress: both || null, ingress: both || null })}
        />
        <KindSelect
          label={sends}
          kinds={CHOICES}
          now={choiceOf(egress)}
          disabled={change.isPending}
          onChoose={(one) => set({ ...now, egress: one || null })}
        />
        <KindSelect
          label={receives}
          kinds={CHOICES}
          now={choiceOf(ingress)}
          disabled={change.isPending}
          onChoose={(one) => set({ ...now, ingress: one || null })}
        />
      </div>
      <p className={classes.conditions}>
        {sends}: {conditionText(egress) || 'clean'} · {receives}:{' '}
        {conditionText(ingress) || 'clean'}
      </p>
      <details
        className={editor.advanced}
        onToggle={({ currentTarget }) => setDetailed(currentTarget.open)}
      >
        <summary>
          <ChevronRight size={16} aria-hidden />
          In detail
        </summary>
        {isDetailed && <Detailed now={now} change={change} onSet={set} />}
      </details>
    </Part>
  );
}

/** What the two ways of it are called. */
function waysOf(subject: LinkSubject): [string, string] {
  if (subject.kind === 'link') return [WAY_NAMES.egress, WAY_NAMES.ingress];
  const [a, b] = subject.between;
  return [`${a} to ${b}`, `${b} to ${a}`];
}

/** A link of a lab that nothing is done to is a `lan`. */
const CHOICES = [
  { value: '', label: 'clean' },
  ...LinkConditionName.options.filter((name) => name !== 'lan'),
] as const;

interface DetailedProps {
  readonly now: Conditions;
  readonly change: Change;
  readonly onSet: (ways: Conditions) => void;
}

function Detailed({ now, change, onSet }: DetailedProps): ReactNode {
  const capabilities = useCapabilities();
  const { egress, ingress } = now;
  const inForce = useMemo(
    () => ({
      egress: typeof egress === 'string' ? null : egress,
      ingress: typeof ingress === 'string' ? null : ingress,
    }),
    [egress, ingress],
  );
  const fields = useFields(inForce, capabilities, change.reset);
  const asked = detailedConditions(fields.checked, now);
  return (
    <form
      className={editor.editor}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (asked.ok) onSet(asked.ways);
      }}
    >
      <Fields state={fields} capabilities={capabilities} ofLab />
      <div className={editor.buttons}>
        <Button type="submit" disabled={!asked.ok} loading={change.isPending}>
          Set the conditions
        </Button>
        <span className={editor.wanted}>
          {asked.ok
            ? WAYS.map((way) => conditionText(asked.ways[way]) || 'clean').join(' · ')
            : asked.reason}
        </span>
      </div>
    </form>
  );
}
