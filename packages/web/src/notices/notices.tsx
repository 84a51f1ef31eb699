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

/** What the list may lack: one line, with the reasons behind it. */
export const Notices = memo(function Notices({ runtimes, unreadable }: NoticesProps): ReactNode {
  const troubled = runtimes.filter(({ state }) => state === 'stale' || state === 'refused');
  if (troubled.length === 0 && unreadable.length === 0) return null;
  const subjects = troubled.map(({ runtime, state }) => `${RUNTIME_NAMES[runtime]} ${state}`);
  if (unreadable.length > 0) subjects.push(`${count(unreadable.length, 'namespace')} not readable`);
  return (
    <details className={classes.notices}>
      <summary>
        <TriangleAlert size={15} aria-hidden />
        <span>
          Not everything may be here as it is: <strong>{subjects.join(', ')}</strong>
        </span>
      </summary>
      <ul>
        {troubled.map((status) => (
          <li key={`${status.runtime} ${status.endpoint}`}>
            <Trouble status={status} />
          </li>
        ))}
        {unreadable.map(({ name, reason }) => (
          <li key={name}>
            The namespace <strong>{name}</strong> could not be opened: {reason}.
          </li>
        ))}
      </ul>
    </details>
  );
});

function Trouble({ status }: { status: RuntimeStatus }): ReactNode {
  const { runtime, endpoint, state, detail, currentAt } = status;
  return (
    <>
      <strong>{RUNTIME_NAMES[runtime]}</strong>{' '}
      {state === 'refused'
        ? 'may not be read, so its containers have no names here'
        : 'does not answer as it should, so its containers are shown as they were'}
      {currentAt !== null && ` at ${new Date(currentAt).toLocaleString('en-GB')}`}.{' '}
      <WithCode text={`\`${endpoint}\`${detail === null ? '' : `: ${detail}`}`} />
    </>
  );
}
