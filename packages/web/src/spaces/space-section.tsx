import type { InterfaceRef, Space } from '@netweir/api';
import { Box, ChevronDown, Container, Server } from 'lucide-react';
import { memo, type ReactNode, useMemo, useState } from 'react';
import { ChoiceOfAll } from '../bulk/choice-box.tsx';
import { isImpaired } from '../form/ways.ts';
import { choosable } from '../live/choice.ts';
import { count } from '../text/format.ts';
import { InterfaceRow } from './interface-row.tsx';
import { SpaceBadges } from './space-badges.tsx';
import classes from './spaces.module.css';

/** With more interfaces than that a space starts folded: a host has one for each container. */
const FOLD_ROWS_ABOVE = 15;

export interface SpaceSectionProps {
  readonly space: Space;
  readonly openAtFirst: boolean;
  /** Under the heading of a group, or under that of the list. */
  readonly heading: 'h3' | 'h4';
  readonly selected: InterfaceRef | undefined;
}

export const SpaceSection = memo(function SpaceSection(props: SpaceSectionProps): ReactNode {
  const { space, openAtFirst, heading, selected } = props;
  const [chosen, setChosen] = useState<boolean>();
  const open = chosen ?? (openAtFirst && space.interfaces.length <= FOLD_ROWS_ABOVE);
  const references = useMemo(() => choosable([space]), [space]);
  return (
    <section className={classes.space} data-space={space.id}>
      <div className={classes.head}>
        <ChoiceOfAll of={space.id} choosable={references} />
        <Title space={space} heading={heading} open={open} onToggle={() => setChosen(!open)} />
        <div className={classes.badges}>
          <SpaceBadges space={space} />
        </div>
      </div>
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

interface TitleProps {
  readonly space: Space;
  readonly heading: 'h3' | 'h4';
  readonly open: boolean;
  readonly onToggle: () => void;
}

function Title({ space, heading: Heading, open, onToggle }: TitleProps): ReactNode {
  const Icon = space.kind === 'host' ? Server : space.containers.length > 0 ? Container : Box;
  const impaired = space.interfaces.filter(isImpaired).length;
  return (
    <Heading>
      <button type="button" aria-expanded={open} onClick={onToggle}>
        <Icon className={classes.sort} size={16} aria-hidden />
        <span className={classes.name} title={space.id}>
          {space.kind === 'host' ? 'host' : space.name}
        </span>
        <span className={classes.meta}>
          {sortOf(space)} · {count(space.interfaces.length, 'interface')}
        </span>
        {impaired > 0 && <span className={classes.tally}>{impaired} impaired</span>}
        <ChevronDown className={classes.fold} size={17} aria-hidden />
      </button>
    </Heading>
  );
}

/** What it is: the image where it is one container, the command line where it is but a process. */
function sortOf({ kind, containers, command }: Space): string {
  if (kind === 'host') return 'this machine';
  const [first, ...others] = containers;
  if (first)
    return others.length > 0 ? count(containers.length, 'container') : (first.image ?? 'container');
  return command ?? 'namespace';
}
