import { Drawer, Loader } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { InterfaceRef, Inventory } from '@netweir/api';
import { lazy, type ReactNode, Suspense } from 'react';
import classes from './app.module.css';
import { setPanelOpen, useChosen } from './bulk/choice-store.ts';
import type { Bulk } from './bulk/use-bulk.ts';
import { select } from './connection/selection.ts';
import { NOTHING_CHOSEN, stillThere } from './live/choice.ts';

const Detail = lazy(() => import('./detail/detail.tsx'));
const BulkPanel = lazy(() => import('./bulk/bulk-panel.tsx'));

export interface BesideProps {
  readonly inventory: Inventory;
  readonly selected: InterfaceRef | undefined;
  /** Given while its panel is open. */
  readonly bulk: Bulk | undefined;
}

/** One interface, or many at once, beside the list. */
export function Beside({ inventory, selected, bulk }: BesideProps): ReactNode {
  const chosen = useChosen() ?? NOTHING_CHOSEN;
  if (selected) {
    return (
      <Panel label="Interface" onClose={() => select(undefined)}>
        <Detail
          key={`${selected.space}/${selected.interface}`}
          reference={selected}
          inventory={inventory}
        />
      </Panel>
    );
  }
  if (!bulk) return null;
  return (
    <Panel label="Selected interfaces" onClose={closeBulk}>
      <BulkPanel bulk={bulk} references={stillThere(chosen, inventory)} onClose={closeBulk} />
    </Panel>
  );
}

function closeBulk(): void {
  setPanelOpen(false);
}

interface PanelProps {
  readonly label: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Beside the list where there is room, so that the graphs stay in sight; over it where there is not. */
function Panel({ label, onClose, children }: PanelProps): ReactNode {
  const isWide = useMediaQuery('(min-width: 75em)', undefined, { getInitialValueInEffect: false });
  const content = <Suspense fallback={<Loader m="xl" aria-label="Loading" />}>{children}</Suspense>;
  if (isWide) {
    return (
      <aside className={classes.beside} aria-label={label}>
        {content}
      </aside>
    );
  }
  return (
    <Drawer.Root opened onClose={onClose} position="right" size="min(100%, 600px)" padding={0}>
      <Drawer.Overlay />
      <Drawer.Content className={classes.over ?? ''} aria-label={label}>
        {content}
      </Drawer.Content>
    </Drawer.Root>
  );
}
