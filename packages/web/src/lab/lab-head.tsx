import { Button, NativeSelect } from '@mantine/core';
import type { LabSummary } from '@netweir/api';
import { useMutation } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { daemon } from '../connection/daemon.ts';
import { showLab } from '../connection/selection.ts';
import { TakeDownQuestion } from '../take-down-question.tsx';
import { count } from '../text/format.ts';
import classes from './labs.module.css';
import type { LabModel } from './model/lab-model.ts';

export interface LabHeadProps {
  readonly summary: LabSummary;
  readonly labs: readonly LabSummary[];
  readonly model: LabModel;
}

/** Which lab it is, how large, what its file says without effect, and its end. */
export function LabHead({ summary, labs, model }: LabHeadProps): ReactNode {
  const { name, warnings } = summary;
  const number = (kind: string): number => model.nodes.filter((one) => one.kind === kind).length;
  return (
    <>
      <div className={classes.head}>
        <h2>{name}</h2>
        <span className="muted">
          {count(number('router'), 'router')} · {count(number('device'), 'device')}
          {number('region') > 0 && ` · ${count(number('region'), 'region')}`}
        </span>
        <div className={classes.headTools}>
          {labs.length > 1 && (
            <NativeSelect
              size="xs"
              aria-label="Lab"
              data={labs.map((lab) => lab.name)}
              value={name}
              onChange={({ currentTarget }) =>
                showLab({ lab: currentTarget.value, subject: undefined })
              }
            />
          )}
          <TakeDown name={name} />
        </div>
      </div>
      {warnings.map((warning) => (
        <p key={warning} className={classes.warning}>
          <TriangleAlert size={15} aria-hidden /> {warning}
        </p>
      ))}
    </>
  );
}

function TakeDown({ name }: { name: string }): ReactNode {
  const [isAsked, setAsked] = useState(false);
  const down = useMutation({
    mutationFn: () => daemon.deleteLab(name),
    onSuccess: () => showLab({ lab: undefined, subject: undefined }),
  });
  const close = (): void => {
    setAsked(false);
    down.reset();
  };
  return (
    <TakeDownQuestion
      label={`Take down ${name}`}
      isAsked={isAsked}
      error={down.error}
      isPending={down.isPending}
      onYes={() => down.mutate()}
      onClose={close}
      target={
        <Button size="xs" variant="default" onClick={() => setAsked(true)}>
          Take down …
        </Button>
      }
    >
      Take down the lab {name}? All that runs in it ends, and nothing of it is left.
    </TakeDownQuestion>
  );
}
