import { Button } from '@mantine/core';
import type { InterfaceRef, Space } from '@netweir/api';
import { SearchX } from 'lucide-react';
import { type ReactNode, useDeferredValue, useMemo } from 'react';
import { isImpaired } from '../form/ways.ts';
import { filterSpaces } from '../live/filter.ts';
import { count } from '../text/format.ts';
import { SpaceSection } from './space-section.tsx';
import classes from './spaces.module.css';

/** Above so many spaces they start folded. */
const FOLD_ABOVE = 30;

export interface SpacesProps {
  readonly spaces: readonly Space[];
  readonly filter: string;
  readonly onFilter: (text: string) => void;
  readonly selected: InterfaceRef | undefined;
}

export function Spaces({ spaces, filter, onFilter, selected }: SpacesProps): ReactNode {
  const text = useDeferredValue(filter);
  const shown = useMemo(() => filterSpaces(spaces, text), [spaces, text]);
  const interfaces = shown.flatMap((space) => space.interfaces);
  const impaired = interfaces.filter(isImpaired).length;
  return (
    <section aria-labelledby="spaces">
      <div className={classes.title}>
        <h2 id="spaces">Spaces</h2>
        <span className="muted">
          {count(shown.length, 'space')} · {count(interfaces.length, 'interface')} ·{' '}
          {impaired === 0 ? 'none impaired' : `${impaired} impaired`}
        </span>
      </div>
      {shown.length === 0 && (
        <div className={classes.none}>
          <SearchX size={26} aria-hidden />
          <p>
            No interface matches <strong>{text}</strong>.
          </p>
          <Button variant="default" size="xs" onClick={() => onFilter('')}>
            Show all
          </Button>
        </div>
      )}
      {shown.map((space) => (
        <SpaceSection
          key={space.id}
          space={space}
          openAtFirst={shown.length <= FOLD_ABOVE || space.kind === 'host'}
          selected={selected?.space === space.id ? selected : undefined}
        />
      ))}
    </section>
  );
}
