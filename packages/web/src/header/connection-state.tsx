import { Button } from '@mantine/core';
import { Unplug } from 'lucide-react';
import type { ReactNode } from 'react';
import { useNow } from '../connection/clock.ts';
import { store, useConnection } from '../connection/daemon.ts';
import classes from './header.module.css';

const WORDS = { connecting: 'Connecting', live: 'Live', lost: 'Lost', refused: 'Refused' } as const;

/** The state in one word, beside the name of the host. */
export function ConnectionState(): ReactNode {
  const { state } = useConnection();
  return (
    <span className={classes.state} data-state={state} role="status">
      <span className={classes.dot} />
      {WORDS[state]}
    </span>
  );
}

/** Says that what is shown is old, and when the page tries again. */
export function LostBanner(): ReactNode {
  const connection = useConnection();
  return connection.state === 'lost' ? <Lost retryAtMs={connection.retryAtMs} /> : null;
}

function Lost({ retryAtMs }: { retryAtMs: number }): ReactNode {
  const seconds = Math.max(0, Math.ceil((retryAtMs - useNow()) / 1000));
  return (
    <div className={classes.lost} role="alert">
      <Unplug size={18} aria-hidden />
      <span>
        <strong>Connection lost.</strong> What you see is from before. Trying again
        {seconds > 0 ? ` in ${seconds} s` : ' now'}.
      </span>
      <Button size="compact-sm" variant="default" onClick={store.connect}>
        Try now
      </Button>
    </div>
  );
}
