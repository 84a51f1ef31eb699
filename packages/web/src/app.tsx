import { Loader } from '@mantine/core';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import classes from './app.module.css';
import { Beside } from './beside.tsx';
import { setPanelOpen, useIsPanelOpen } from './bulk/choice-store.ts';
import { useBulk } from './bulk/use-bulk.ts';
import { daemon, useConnection, useInventory } from './connection/daemon.ts';
import { Refused, Unreachable } from './connection/no-daemon.tsx';
import { select, useLabPlace, useSelection } from './connection/selection.ts';
import { LostBanner } from './header/connection-state.tsx';
import { Header } from './header/header.tsx';
import { Notices } from './notices/notices.tsx';
import { RoundTrips } from './round-trips/round-trips.tsx';
import { type BulkUse, Spaces } from './spaces/spaces.tsx';

const Labs = lazy(() => import('./lab/labs.tsx'));

export function App(): ReactNode {
  const inventory = useInventory();
  const [filter, setFilter] = useState('');
  return (
    <>
      <Header
        hostname={inventory?.hostname}
        kernel={inventory?.kernel}
        labs={inventory?.labs.length}
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
  const place = useLabPlace();
  const bulk = useBulk();
  const isPanelOpen = useIsPanelOpen();
  if (connection.state === 'refused') return <Refused error={connection.error} />;
  if (!inventory) {
    return connection.state === 'lost' ? (
      <Unreachable error={connection.error} retryAtMs={connection.retryAtMs} />
    ) : (
      <Waiting label="Connecting to the daemon" />
    );
  }
  if (place) {
    return (
      <>
        <LostBanner />
        <Suspense fallback={<Waiting label="Loading" />}>
          <Labs inventory={inventory} place={place} />
        </Suspense>
      </>
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

function Waiting({ label }: { label: string }): ReactNode {
  return (
    <main className={classes.waiting}>
      <Loader aria-label={label} />
    </main>
  );
}
