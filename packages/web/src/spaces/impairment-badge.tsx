import { type Direction, summarize } from '@netweir/api';
import { Timer } from 'lucide-react';
import type { ReactNode } from 'react';
import { useNow } from '../connection/clock.ts';
import { countdown } from '../text/format.ts';
import classes from './spaces.module.css';

export interface ImpairmentBadgeProps {
  readonly egress: Direction;
  readonly expiresAt: string | null;
}

/** What netweir does to an interface, and for how long still. */
export function ImpairmentBadge({ egress, expiresAt }: ImpairmentBadgeProps): ReactNode {
  return (
    <span className={classes.impaired}>
      <span>{summarize(egress) || 'impaired'}</span>
      {expiresAt !== null && <TimeLeft expiresAt={expiresAt} />}
    </span>
  );
}

export function TimeLeft({ expiresAt }: { expiresAt: string }): ReactNode {
  const nowMs = useNow();
  return (
    <span className={classes.left}>
      <Timer size={13} aria-label="ends in" />
      {countdown(Date.parse(expiresAt) - nowMs)}
    </span>
  );
}
