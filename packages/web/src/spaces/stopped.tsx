import type { Container } from '@netweir/api';
import type { ReactNode } from 'react';
import { ContainerFacts } from '../detail/container-facts.tsx';
import { RUNTIME_NAMES } from '../live/containers.ts';
import { Badge } from './badge.tsx';
import classes from './spaces.module.css';

/** Containers that do not run: they have no network to show, only what their runtime knows of them. */
export function Stopped({ containers }: { containers: readonly Container[] }): ReactNode {
  if (containers.length === 0) return null;
  return (
    <section className={classes.group} aria-label="Stopped">
      <div className={classes.groupHead}>
        <h3>Stopped</h3>
        <span className={classes.meta}>without a network while they do not run</span>
      </div>
      {containers.map((container) => (
        <details key={`${container.runtime} ${container.id}`} className={classes.stopped}>
          <summary>
            <span className={classes.name}>{container.name}</span>
            <span className={classes.meta}>{container.image}</span>
            <Badge>{RUNTIME_NAMES[container.runtime]}</Badge>
          </summary>
          <ContainerFacts container={container} />
        </details>
      ))}
    </section>
  );
}
