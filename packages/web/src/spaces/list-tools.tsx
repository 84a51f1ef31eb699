import { Button, Chip, NativeSelect } from '@mantine/core';
import type { Inventory } from '@netweir/api';
import { ListChecks } from 'lucide-react';
import { type ReactNode, useId, useMemo } from 'react';
import { startChoosing, stopChoosing, useIsChoosing } from '../bulk/choice-store.ts';
import { RUNTIME_NAMES, RUNTIMES } from '../live/containers.ts';
import type { QuickFilter } from '../live/filter.ts';
import { GROUPINGS, type Grouping } from '../live/grouping.ts';
import classes from './spaces.module.css';

const GROUPING_NAMES: Readonly<Record<Grouping, string>> = {
  runtime: 'Runtime',
  compose: 'Compose project',
  network: 'Network',
  none: 'Nothing',
};

export interface ListToolsProps {
  readonly inventory: Inventory;
  readonly quick: readonly QuickFilter[];
  readonly onQuick: (quick: readonly QuickFilter[]) => void;
  readonly grouping: Grouping;
  readonly onGrouping: (grouping: Grouping) => void;
  readonly showsStopped: boolean;
  readonly onShowStopped: (shows: boolean) => void;
}

/** Which part of the list is shown, how it is divided, and the way to choose many. */
export function ListTools(props: ListToolsProps): ReactNode {
  const { inventory, quick, onQuick, showsStopped, onShowStopped } = props;
  const offered = useOffered(inventory);
  const stopped = inventory.stopped.length;
  const isChoosing = useIsChoosing();
  return (
    <div className={classes.tools}>
      <fieldset className={classes.chips}>
        <legend>Show only</legend>
        <Chip.Group
          multiple
          value={[...quick]}
          onChange={(values) => onQuick(offered.filter((one) => values.includes(one)))}
        >
          {offered.map((one) => (
            <Chip key={one} value={one} size="xs" variant="outline">
              {quickName(one)}
            </Chip>
          ))}
        </Chip.Group>
      </fieldset>
      <div className={classes.arrange}>
        {stopped > 0 && (
          <Chip size="xs" variant="outline" checked={showsStopped} onChange={onShowStopped}>
            {stopped} stopped
          </Chip>
        )}
        <GroupingChoice {...props} />
        <Button
          size="xs"
          variant={isChoosing ? 'light' : 'default'}
          aria-pressed={isChoosing}
          leftSection={<ListChecks size={15} aria-hidden />}
          onClick={isChoosing ? stopChoosing : startChoosing}
        >
          Select
        </Button>
      </div>
    </div>
  );
}

function GroupingChoice({ grouping, onGrouping }: ListToolsProps): ReactNode {
  const id = useId();
  return (
    <div className={classes.grouping}>
      <label htmlFor={id}>Group by</label>
      <NativeSelect
        id={id}
        size="xs"
        value={grouping}
        data={GROUPINGS.map((value) => ({ value, label: GROUPING_NAMES[value] }))}
        onChange={({ currentTarget: { value } }) => {
          const chosen = GROUPINGS.find((one) => one === value);
          if (chosen) onGrouping(chosen);
        }}
      />
    </div>
  );
}

/** Only what can tell spaces apart here: a machine without containers is not asked for runtimes. */
function useOffered({ spaces }: Inventory): readonly QuickFilter[] {
  return useMemo(() => {
    const containers = spaces.flatMap((space) => space.containers);
    const runtimes = RUNTIMES.filter((name) => containers.some(({ runtime }) => runtime === name));
    return [
      'impaired',
      ...(containers.length > 0 ? (['running', 'paused'] as const) : []),
      ...(runtimes.length > 1 ? runtimes : []),
    ];
  }, [spaces]);
}

function quickName(quick: QuickFilter): string {
  if (quick === 'impaired') return 'Impaired';
  if (quick === 'running') return 'Running';
  return quick === 'paused' ? 'Paused' : RUNTIME_NAMES[quick];
}
