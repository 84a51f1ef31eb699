import type { Inventory, RuntimeStatus } from '@netweir/api';
import { TriangleAlert } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import { RUNTIME_NAMES } from '../live/containers.ts';
import { count } from '../text/format.ts';
import { WithCode } from '../text/with-code.tsx';
import classes from './notices.module.css';

export interface NoticesProps {
  readonly runtimes: Inventory['runtimes'];
  readonly unreadable: Inventory['unreadable'];
}

/** What the list may lack, and why: one line each, with the rest behind it. */
export const Notices = memo(function Notices({ runtimes, unreadable }: NoticesProps): ReactNode {
  const troubled = runtimes.filter(({ state }) => state === 'stale' || state === 'refused');
  if (troubled.length === 0 && unreadable.length === 0) return null;
  return (
    <section className={classes.notices} aria-label="What may be missing here">
      {troubled.map((status) => (
        <Notice key={`${status.runtime} ${status.endpoint}`} title={titleOf(status)}>
          <p>
            <WithCode text={`\`${status.endpoint}\`: ${status.detail ?? 'no reason is known.'}`} />
          </p>
          {status.currentAt !== null && (
            <p>Its answers were current at {new Date(status.currentAt).toLocaleString('en-GB')}.</p>
          )}
        </Notice>
      ))}
      {unreadable.length > 0 && (
        <Notice title={`${count(unreadable.length, 'namespace')} could not be opened`}>
          <ul>
            {unreadable.map(({ name, reason }) => (
              <li key={name}>
                <strong>{name}</strong>: {reason}
              </li>
            ))}
          </ul>
        </Notice>
      )}
    </section>
  );
});

function titleOf({ runtime, state }: RuntimeStatus): string {
  const name = RUNTIME_NAMES[runtime];
  return state === 'refused'
    ? `${name} may not be read: its containers have no names here`
    : `${name} does not answer as it should: its containers are shown as they were`;
}

function Notice({ title, children }: { title: string; children: ReactNode }): ReactNode {
  return (
    <details className={classes.notice}>
      <summary>
        <TriangleAlert size={15} aria-hidden />
        {title}
      </summary>
      {children}
    </details>
  );
}
