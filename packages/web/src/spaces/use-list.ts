import { useLocalStorage } from '@mantine/hooks';
import type { Space } from '@netweir/api';
import { useDeferredValue, useMemo, useState } from 'react';
import { filterBy, filterSpaces, type QuickFilter } from '../live/filter.ts';
import {
  defaultGrouping,
  GROUPINGS,
  type Group,
  type Grouping,
  groupSpaces,
} from '../live/grouping.ts';

export interface List {
  /** The text by which it was filtered, which may be a moment behind the field. */
  readonly text: string;
  readonly quick: readonly QuickFilter[];
  readonly onQuick: (quick: readonly QuickFilter[]) => void;
  readonly grouping: Grouping;
  readonly onGrouping: (grouping: Grouping) => void;
  readonly shown: readonly Space[];
  readonly groups: readonly Group[];
}

/** What of the spaces is shown, and in which groups; the grouping is kept in this browser. */
export function useList(spaces: readonly Space[], filter: string): List {
  const text = useDeferredValue(filter);
  const [quick, onQuick] = useState<readonly QuickFilter[]>([]);
  const [stored, onGrouping] = useLocalStorage<Grouping | undefined>({
    key: 'netweir-grouping',
    defaultValue: undefined,
    getInitialValueInEffect: false,
    deserialize: (value) => GROUPINGS.find((one) => one === value),
    serialize: (value) => value ?? '',
  });
  const grouping = stored ?? defaultGrouping(spaces);
  const keep = useMemo(() => filterBy({ text, quick }), [text, quick]);
  const shown = useMemo(() => filterSpaces(spaces, keep), [spaces, keep]);
  const groups = useMemo(() => groupSpaces(shown, grouping), [shown, grouping]);
  return { text, quick, onQuick, grouping, onGrouping, shown, groups };
}
