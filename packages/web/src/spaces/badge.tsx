import { Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './spaces.module.css';

export interface BadgeProps {
  readonly children: ReactNode;
  readonly tone?: 'plain' | 'warn' | 'accent';
  /** What it means; the detail of the interface says it too, for those without a pointer. */
  readonly explanation?: string;
}

export function Badge({ children, tone = 'plain', explanation }: BadgeProps): ReactNode {
  const badge = (
    <span className={classes.badge} data-tone={tone} data-explained={explanation !== undefined}>
      {children}
    </span>
  );
  if (explanation === undefined) return badge;
  return (
    <Tooltip label={explanation} multiline maw={300}>
      {badge}
    </Tooltip>
  );
}
