import { Loader } from '@mantine/core';
import { CircleAlert, CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { refKey } from '../live/choice.ts';
import type { Progress } from '../live/run-each.ts';
import { count } from '../text/format.ts';
import { WithCode } from '../text/with-code.tsx';
import classes from './bulk.module.css';
import type { Run } from './use-bulk.ts';

/** How it went with each interface; what failed stands first, with its reason. */
export function Results({ run }: { run: Run }): ReactNode {
  const failed = run.items.filter(({ progress }) => progress.state === 'failed');
  const others = run.items.filter(({ progress }) => progress.state !== 'failed');
  return (
    <div className={classes.results}>
      <p role="status">
        <strong>{headline(run)}</strong>
      </p>
      <ul aria-label="Result for each interface">
        {[...failed, ...others].map(({ reference, progress }) => (
          <li key={refKey(reference)} data-state={progress.state}>
            <Sign progress={progress} />
            <span>
              {refKey(reference)}
              {progress.state === 'failed' && <Reason error={progress.error} />}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function headline({ verb, items }: Run): string {
  const number = (state: Progress['state']): number =>
    items.filter(({ progress }) => progress.state === state).length;
  const did = `${count(number('done'), 'interface')} ${verb === 'impair' ? 'impaired' : 'cleared'}`;
  if (number('waiting') > 0) return `${did}, ${number('waiting')} to go …`;
  return number('failed') === 0 ? `${did}.` : `${did}, ${number('failed')} failed.`;
}

function Sign({ progress }: { progress: Progress }): ReactNode {
  if (progress.state === 'waiting') return <Loader size={14} aria-label="waiting" />;
  const isDone = progress.state === 'done';
  const Icon = isDone ? CircleCheck : CircleAlert;
  return <Icon size={15} role="img" aria-label={isDone ? 'done' : 'failed'} />;
}

function Reason({ error }: { error: unknown }): ReactNode {
  return (
    <small>
      <WithCode text={error instanceof Error ? error.message : String(error)} />
    </small>
  );
}
