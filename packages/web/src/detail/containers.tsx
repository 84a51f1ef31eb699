import type { Space } from '@netweir/api';
import type { ReactNode } from 'react';
import { count } from '../text/format.ts';
import { ContainerFacts } from './container-facts.tsx';
import classes from './detail.module.css';

/** The containers of a space: one at length, several each under its name. */
export function Containers({ space }: { space: Space }): ReactNode {
  const { containers } = space;
  const [only, ...others] = containers;
  if (!only) return null;
  return (
    <section className={classes.part} aria-labelledby="containers">
      <h3 id="containers">
        {others.length === 0 ? `Container ${only.name}` : count(containers.length, 'container')}{' '}
        {others.length > 0 && <small>{sharing(space)}</small>}
      </h3>
      {others.length === 0 ? (
        <ContainerFacts container={only} />
      ) : (
        containers.map((container) => (
          <details key={`${container.runtime} ${container.id}`} className={classes.one}>
            <summary>
              {container.name} <span className="muted">{container.image}</span>
            </summary>
            <ContainerFacts container={container} />
          </details>
        ))
      )}
      {space.aliases.length > 0 && (
        <p className="muted">Also known as {space.aliases.join(', ')}.</p>
      )}
    </section>
  );
}

function sharing({ kind }: Space): string {
  return kind === 'host'
    ? 'use this machine’s network: what is set here meets them too'
    : 'share this network: what is set here meets each';
}
