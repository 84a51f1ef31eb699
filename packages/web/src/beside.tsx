import type { InterfaceRef, Inventory } from '@netweir/api';
import { lazy, type ReactNode } from 'react';
import { setPanelOpen, useChosen } from './bulk/choice-store.ts';
import type { Bulk } from './bulk/use-bulk.ts';
import { select } from './connection/selection.ts';
import { NOTHING_CHOSEN, stillThere } from './live/choice.ts';
import { Panel } from './panel.tsx';

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
