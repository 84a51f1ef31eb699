import { Button, Code } from '@mantine/core';
import type { NetweirError } from '@netweir/api';
import { KeyRound, ServerOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { WithCode } from '../text/with-code.tsx';
import { useNow } from './clock.ts';
import { hasToken, store } from './daemon.ts';
import classes from './no-daemon.module.css';

/** The daemon is there and does not let this page in. */
export function Refused({ error }: { error: NetweirError }): ReactNode {
  if (error.code !== 'unauthorized') return <Unreachable error={error} retryAtMs={0} />;
  return (
    <main className={classes.state}>
      <KeyRound size={34} aria-hidden />
      <h2>{hasToken ? 'This token is not the daemon’s' : 'This page needs its token'}</h2>
      <p>
        Open the address that <Code>netweir up</Code> printed; it ends in <Code>#token=…</Code>.
        {hasToken && ' A daemon that was started anew has a new one.'}
      </p>
      <p className="muted">The token keeps other programs and sites from changing your network.</p>
      <Button variant="default" onClick={store.connect}>
        Try again
      </Button>
    </main>
  );
}

/** No daemon, and nothing from before to show. */
export function Unreachable(props: { error: NetweirError; retryAtMs: number }): ReactNode {
  const { error, retryAtMs } = props;
  const seconds = Math.max(0, Math.ceil((retryAtMs - useNow()) / 1000));
  return (
    <main className={classes.state}>
      <ServerOff size={34} aria-hidden />
      <h2>No daemon here</h2>
      <p>
        <WithCode text={error.message} />
      </p>
      {error.remedy && (
        <p>
          <WithCode text={error.remedy} />
        </p>
      )}
      <p className="muted" role="status">
        {retryAtMs > 0 && (seconds > 0 ? `Trying again in ${seconds} s` : 'Trying again now')}
      </p>
      <Button variant="default" onClick={store.connect}>
        Try now
      </Button>
    </main>
  );
}
