import { Button } from '@mantine/core';
import type { InterfaceRef, Inventory } from '@netweir/api';
import { SearchX } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { BulkBar } from '../bulk/bulk-bar.tsx';
import { useChosen } from '../bulk/choice-store.ts';
import { isImpaired } from '../form/ways.ts';
import { stillThere } from '../live/choice.ts';
import { count } from '../text/format.ts';
import { GroupSection } from './group-section.tsx';
import { ListTools } from './list-tools.tsx';
import classes from './spaces.module.css';
import { Stopped } from './stopped.tsx';
import { type List, useList } from './use-list.ts';

/** Above so many spaces, or groups, they start folded. */
const FOLD_ABOVE = 40;

export interface SpacesProps {
  readonly inventory: Inventory;
  readonly filter: string;
  readonly onFilter: (text: string) => void;
  readonly selected: InterfaceRef | undefined;
  readonly bulk: BulkUse;
}

/** What the bar of the chosen interfaces leads to. */
export interface BulkUse {
  readonly isRunning: boolean;
  readonly onImpair: () => void;
  readonly onClear: (references: readonly InterfaceRef[]) => void;
}

export function Spaces({ inventory, filter, onFilter, selected, bulk }: SpacesProps): ReactNode {
  const list = useList(inventory.spaces, filter);
  const [showsStopped, setShowsStopped] = useState(false);
  const { shown, groups, grouping } = list;
  return (
    <section aria-labelledby="spaces">
      <Title list={list} />
      <ListTools
        inventory={inventory}
        quick={list.quick}
        onQuick={list.onQuick}
        grouping={grouping}
        onGrouping={list.onGrouping}
        showsStopped={showsStopped}
        onShowStopped={setShowsStopped}
      />
      {shown.length === 0 && (
        <Nothing
          text={list.text}
          onShowAll={() => {
            onFilter('');
            list.onQuick([]);
          }}
        />
      )}
      {groups.map((group) => (
        <GroupSection
          key={`${grouping} ${group.key}`}
          group={group}
          isAlone={grouping === 'none'}
          openAtFirst={!group.isRest && groups.length <= FOLD_ABOVE}
          spacesOpen={shown.length <= FOLD_ABOVE}
          selected={selected}
        />
      ))}
      {showsStopped && <Stopped containers={inventory.stopped} />}
      <ChosenBar inventory={inventory} list={list} bulk={bulk} />
    </section>
  );
}

function Title({ list: { shown } }: { list: List }): ReactNode {
  const interfaces = shown.flatMap((space) => space.interfaces);
  const impaired = interfaces.filter(isImpaired).length;
  return (
    <div className={classes.title}>
      <h2 id="spaces">Spaces</h2>
      <span className="muted">
        {count(shown.length, 'space')} · {count(interfaces.length, 'interface')} ·{' '}
        {impaired === 0 ? 'none impaired' : `${impaired} impaired`}
      </span>
    </div>
  );
}

function Nothing({ text, onShowAll }: { text: string; onShowAll: () => void }): ReactNode {
  return (
    <div className={classes.none}>
      <SearchX size={26} aria-hidden />
      {text === '' ? (
        <p>Nothing of what is there is of this sort.</p>
      ) : (
        <p>
          No interface matches <strong>{text}</strong>.
        </p>
      )}
      <Button variant="default" size="xs" onClick={onShowAll}>
        Show all
      </Button>
    </div>
  );
}

function ChosenBar({
  inventory,
  list,
  bulk,
}: Pick<SpacesProps, 'inventory' | 'bulk'> & { list: List }): ReactNode {
  const chosen = useChosen();
  if (!chosen) return null;
  const references = stillThere(chosen, inventory);
  const seen = stillThere(chosen, { ...inventory, spaces: [...list.shown] });
  return (
    <BulkBar
      number={references.length}
      hidden={references.length - seen.length}
      isRunning={bulk.isRunning}
      onImpair={bulk.onImpair}
      onClear={() => bulk.onClear(references)}
    />
  );
}
