import type { InterfaceRef } from '@netweir/api';
import { ChevronDown } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import { ChoiceOfAll } from '../bulk/choice-box.tsx';
import { isImpaired } from '../form/ways.ts';
import { choosable } from '../live/choice.ts';
import type { Group } from '../live/grouping.ts';
import { count } from '../text/format.ts';
import { InternalBadge } from './network-badge.tsx';
import { SpaceSection } from './space-section.tsx';
import classes from './spaces.module.css';

export interface GroupSectionProps {
  readonly group: Group;
  /** A list that is not divided has no headings. */
  readonly isAlone: boolean;
  readonly openAtFirst: boolean;
  readonly spacesOpen: boolean;
  readonly selected: InterfaceRef | undefined;
}

export function GroupSection({
  group,
  isAlone,
  openAtFirst,
  spacesOpen,
  selected,
}: GroupSectionProps): ReactNode {
  const [chosen, setChosen] = useState<boolean>();
  const open = chosen ?? openAtFirst;
  return (
    <section className={classes.group} aria-label={group.title}>
      {!isAlone && <Heading group={group} open={open} onToggle={() => setChosen(!open)} />}
      {(open || isAlone) &&
        group.spaces.map((space) => (
          <SpaceSection
            key={space.id}
            space={space}
            heading={isAlone ? 'h3' : 'h4'}
            openAtFirst={spacesOpen || space.kind === 'host'}
            selected={selected?.space === space.id ? selected : undefined}
          />
        ))}
    </section>
  );
}

interface HeadingProps {
  readonly group: Group;
  readonly open: boolean;
  readonly onToggle: () => void;
}

function Heading({ group, open, onToggle }: HeadingProps): ReactNode {
  const { title, spaces, network } = group;
  const interfaces = spaces.flatMap((space) => space.interfaces);
  const impaired = interfaces.filter(isImpaired).length;
  const references = useMemo(() => choosable(spaces), [spaces]);
  return (
    <div className={classes.groupHead}>
      <ChoiceOfAll of={title} choosable={references} />
      <h3>
        <button type="button" aria-expanded={open} onClick={onToggle}>
          <ChevronDown className={classes.fold} size={16} aria-hidden />
          <span>{title}</span>
        </button>
      </h3>
      <span className={classes.meta}>
        {network?.driver && `${network.driver} · `}
        {count(spaces.length, 'space')} · {count(interfaces.length, 'interface')}
      </span>
      {network?.internal && <InternalBadge />}
      {impaired > 0 && <span className={classes.tally}>{impaired} impaired</span>}
    </div>
  );
}
