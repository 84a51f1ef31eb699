import type { LabEvent } from '@netweir/api';
import type { ReactNode } from 'react';
import classes from './labs.module.css';

/** What has happened to the lab since this page looks at it. */
export function Events({ events }: { events: readonly LabEvent[] }): ReactNode {
  return (
    <details className={classes.events}>
      <summary>
        What happened <span className="muted">{events.length} since this page is open</span>
      </summary>
      <ol>
        {events.map(({ sequence, at, kind, node, interface: name }) => (
          <li key={sequence}>
            <time dateTime={at}>{new Date(at).toLocaleTimeString('en-GB')}</time>{' '}
            <strong>{[node, name].filter(Boolean).join('/')}</strong> {kind}
          </li>
        ))}
      </ol>
    </details>
  );
}
