import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { count } from '../text/format.ts';
import classes from './bulk.module.css';
import { stopChoosing } from './choice-store.ts';

export interface BulkBarProps {
  readonly number: number;
  /** How many of them the filter hides. */
  readonly hidden: number;
  readonly isRunning: boolean;
  readonly onImpair: () => void;
  readonly onClear: () => void;
}

/** What can be done with the chosen interfaces, in sight at the lower edge. */
export function BulkBar({ number, hidden, isRunning, onImpair, onClear }: BulkBarProps): ReactNode {
  const isClosed = number === 0 || isRunning;
  return (
    <div className={classes.bar} role="toolbar" aria-label="Selected interfaces">
      <span role="status">
        <strong>{count(number, 'interface')}</strong> selected
        {hidden > 0 && <span className="muted"> · {hidden} not shown</span>}
      </span>
      <div>
        <Button size="xs" disabled={isClosed} onClick={onImpair}>
          Impair …
        </Button>
        <Button size="xs" variant="default" disabled={isClosed} onClick={onClear}>
          Clear
        </Button>
        <Button size="xs" variant="subtle" onClick={stopChoosing}>
          Done
        </Button>
      </div>
    </div>
  );
}
