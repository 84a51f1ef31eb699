import type { InterfaceRef, Space } from '@netweir/api';
import { Box, ChevronDown, Server } from 'lucide-react';
import { memo, type ReactNode, useState } from 'react';
import { isImpaired } from '../form/ways.ts';
import { count } from '../text/format.ts';
import { InterfaceRow } from './interface-row.tsx';
import classes from './spaces.module.css';

export interface SpaceSectionProps {
  readonly space: Space;
  readonly openAtFirst: boolean;
  readonly selected: InterfaceRef | undefined;
}

export const SpaceSection = memo(function SpaceSection(props: SpaceSectionProps): ReactNode {
  const { space, openAtFirst, selected } = props;
  const [chosen, setChosen] = useState<boolean>();
  const open = chosen ?? openAtFirst;
  const Icon = space.kind === 'host' ? Server : Box;
  const impaired = space.interfaces.filter(isImpaired).length;
  return (
    <section className={classes.space} data-space={space.id}>
      <h3 className={classes.head}>
        <button type="button" aria-expanded={open} onClick={() => setChosen(!open)}>
          <Icon size={16} aria-hidden />
          <span className={classes.name}>{space.kind === 'host' ? 'host' : space.name}</span>
          <span className={classes.meta}>
            {space.kind === 'host' ? 'this machine' : 'namespace'} ·{' '}
            {count(space.interfaces.length, 'interface')}
          </span>
          {impaired > 0 && <span className={classes.tally}>{impaired} impaired</span>}
          <ChevronDown className={classes.fold} size={17} aria-hidden />
        </button>
      </h3>
      {open && (
        <ul className={classes.rows} aria-label={`Interfaces of ${space.id}`}>
          {space.interfaces.map((subject) => (
            <InterfaceRow
              key={subject.ifindex}
              space={space.id}
              subject={subject}
              selected={selected?.interface === subject.name}
            />
          ))}
        </ul>
      )}
    </section>
  );
});
