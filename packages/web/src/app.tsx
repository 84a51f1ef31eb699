import { Loader } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import classes from './app.module.css';
import { Beside } from './beside.tsx';
import { setPanelOpen, useIsPanelOpen } from './bulk/choice-store.ts';
import { useBulk } from './bulk/use-bulk.ts';
import { daemon, useConnection, useInventory } from './connection/daemon.ts';
import { Refused, Unreachable } from './connection/no-daemon.tsx';
import { select, useSelection } from './connection/selection.ts';
import { LostBanner } from './header/connection-state.tsx';
import { Header } from './header/header.tsx';
import { Notices } from './notices/notices.tsx';
import { RoundTrips } from './round-trips/round-trips.tsx';
import { type BulkUse, Spaces } from './spaces/spaces.tsx';

export function App(): ReactNode {
  const inventory = useInventory();
  const [filter, setFilter] = useState('');
  return (
    <>
      <Header
        hostname={inventory?.hostname}
        kernel={inventory?.kernel}
        filter={filter}
        onFilter={setFilter}
      />
      <Body filter={filter} onFilter={setFilter} />
    </>
  );
}

interface BodyProps {
  readonly filter: string;
  readonly onFilter: (text: string) => void;
}

function Body({ filter, onFilter }: BodyProps): ReactNode {
  const inventory = useInventory();
  const connection = useConnection();
  const selected = useSelection();
  const bulk = useBulk();
  const isPanelOpen = useIsPanelOpen();
  if (connection.state === 'refused') return <Refused error={connection.error} />;
  if (!inventory) {
    return connection.state === 'lost' ? (
      <Unreachable error={connection.error} retryAtMs={connection.retryAtMs} />
    ) : (
      <main className={classes.waiting}>
        <Loader aria-label="Connecting to the daemon" />
      </main>
    );
  }
  const openBulk = (): void => {
    select(undefined);
    setPanelOpen(true);
  };
  const use: BulkUse = {
    isRunning: bulk.isRunning,
    onImpair: openBulk,
    onClear: (references) => {
      openBulk();
      bulk.start('clear', references, (one) => daemon.clearImpairment(one));
    },
  };
  return (
    <>
      <LostBanner />
      <div className={classes.columns} data-open={selected !== undefined || isPanelOpen}>
        <main className={classes.list}>
          <RoundTrips inventory={inventory} />
          <Notices runtimes={inventory.runtimes} unreadable={inventory.unreadable} />
          <Spaces
            inventory={inventory}
            filter={filter}
            onFilter={onFilter}
            selected={selected}
            bulk={use}
          />
        </main>
        <Beside inventory={inventory} selected={selected} bulk={isPanelOpen ? bulk : undefined} />
      </div>
    </>
  );
}
