import { CloseButton } from '@mantine/core';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { setPaths } from '../form/draft.ts';
import { useEditing } from './editing.ts';
import classes from './editor.module.css';

export interface SectionProps {
  readonly name: string;
  readonly title: string;
  readonly hint: string;
  readonly icon: LucideIcon;
  /** A kernel without sch_netem can do it too. */
  readonly withoutNetem?: boolean;
  readonly children: ReactNode;
  /** What to set as well, once the section holds something. */
  readonly more?: ReactNode;
}

/** One kind of impairment; it is on as soon as it holds a value. */
export function Section(props: SectionProps): ReactNode {
  const { name, title, hint, icon: Icon, withoutNetem = false, children, more } = props;
  const { draft, can, empty } = useEditing();
  const isOffered = can === 'all' || (withoutNetem && can === 'rate');
  const isSet = setPaths(draft).some((path) => path.startsWith(`${name}.`));
  return (
    <fieldset className={classes.section} data-set={isSet} disabled={!isOffered}>
      <div className={classes.sectionHead}>
        <Icon size={16} aria-hidden />
        <h5>{title}</h5>
        <span className={classes.hint}>{hint}</span>
        {isSet && (
          <CloseButton
            size="sm"
            aria-label={`Remove ${title.toLowerCase()}`}
            onClick={() => empty(name)}
          />
        )}
      </div>
      {children}
      {isSet && more && <div className={classes.more}>{more}</div>}
    </fieldset>
  );
}
