import { Drawer, Loader } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import classes from './app.module.css';
import { useConnection, useInventory } from './connection/daemon.ts';
import { Refused, Unreachable } from './connection/no-daemon.tsx';
import { select, useSelection } from './connection/selection.ts';
import { LostBanner } from './header/connection-state.tsx';
import { Header } from './header/header.tsx';
import { RoundTrips } from './round-trips/round-trips.tsx';
import { Spaces } from './spaces/spaces.tsx';

const Detail = lazy(() => import('./detail/detail.tsx'));

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

function Body({
  filter,
  onFilter,
}: {
  filter: string;
  onFilter: (text: string) => void;
}): ReactNode {
  const inventory = useInventory();
  const connection = useConnection();
  const selected = useSelection();
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
  return (
    <>
      <LostBanner />
      <div className={classes.columns} data-open={selected !== undefined}>
        <main className={classes.list}>
          <RoundTrips inventory={inventory} />
          <Spaces
            spaces={inventory.spaces}
            filter={filter}
            onFilter={onFilter}
            selected={selected}
          />
        </main>
        {selected && (
          <Beside>
            <Suspense fallback={<Loader m="xl" aria-label="Loading" />}>
              <Detail
                key={`${selected.space}/${selected.interface}`}
                reference={selected}
                inventory={inventory}
              />
            </Suspense>
          </Beside>
        )}
      </div>
    </>
  );
}

/** Beside the list where there is room, so that the graphs stay in sight; over it where there is not. */
function Beside({ children }: { children: ReactNode }): ReactNode {
  const isWide = useMediaQuery('(min-width: 75em)', undefined, { getInitialValueInEffect: false });
  if (isWide) {
    return (
      <aside className={classes.beside} aria-label="Interface">
        {children}
      </aside>
    );
  }
  return (
    <Drawer.Root
      opened
      onClose={() => select(undefined)}
      position="right"
      size="min(100%, 600px)"
      padding={0}
    >
      <Drawer.Overlay />
      <Drawer.Content className={classes.over ?? ''} aria-label="Interface">
        {children}
      </Drawer.Content>
    </Drawer.Root>
  );
}
