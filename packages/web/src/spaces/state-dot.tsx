import type { Interface } from '@netweir/api';
import type { ReactNode } from 'react';
import classes from './spaces.module.css';

/** The state of the link in words, for the dot's colour alone would not do. */
export function linkState({ up, carrier }: Interface): 'up' | 'no carrier' | 'down' {
  if (!up) return 'down';
  return carrier ? 'up' : 'no carrier';
}

export function StateDot({ subject }: { subject: Interface }): ReactNode {
  const state = linkState(subject);
  return (
    <span className={classes.dot} data-state={state} role="img" aria-label={state} title={state} />
  );
}
