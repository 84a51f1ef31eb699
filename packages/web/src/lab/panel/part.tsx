import { type ReactNode, useId } from 'react';
import { ErrorPanel } from '../../connection/error-panel.tsx';
import detail from '../../detail/detail.module.css';
import type { Change } from '../use-change.ts';
import classes from './panel.module.css';

export interface PartProps {
  readonly title: string;
  /** What its controls do; a refusal is told below them. */
  readonly change?: Change;
  readonly children: ReactNode;
}

/** A part of the panel under a heading of its own. */
export function Part({ title, change, children }: PartProps): ReactNode {
  const id = useId();
  return (
    <section className={detail.part} aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {children}
      {change?.error && (
        <div className={classes.error}>
          <ErrorPanel error={change.error} />
        </div>
      )}
    </section>
  );
}
