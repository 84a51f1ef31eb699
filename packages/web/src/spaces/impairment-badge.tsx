import { type Interface, summarize } from '@netweir/api';
import { ListFilter, Timer } from 'lucide-react';
import type { ReactNode } from 'react';
import { useNow } from '../connection/clock.ts';
import { WAYS } from '../form/ways.ts';
import { count, countdown } from '../text/format.ts';
import classes from './spaces.module.css';
import { WayArrow } from './way-arrow.tsx';

/** What netweir does to an interface, in each direction, and for how long still. */
export function ImpairmentBadge({ subject }: { subject: Interface }): ReactNode {
  return (
    <span className={classes.impaired}>
      {WAYS.map((way) => {
        const direction = subject[way];
        return (
          direction && (
            <span key={way} className={classes.way}>
              <WayArrow way={way} alone />
              <span>{summarize(direction) || 'impaired'}</span>
            </span>
          )
        );
      })}
      {subject.trafficRules > 0 && (
        <span className={classes.way}>
          <ListFilter size={14} aria-hidden />
          <span>{count(subject.trafficRules, 'rule')} for part of it</span>
        </span>
      )}
      {subject.rule !== null && (
        <span className={classes.rule}>
          {subject.rule === 'labels' ? 'by its labels' : `by rule ${subject.rule}`}
        </span>
      )}
      {subject.expiresAt !== null && <TimeLeft expiresAt={subject.expiresAt} />}
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
