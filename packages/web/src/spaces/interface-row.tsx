import type { Interface } from '@netweir/api';
import { ChevronRight } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import { select } from '../connection/selection.ts';
import { isImpaired } from '../form/ways.ts';
import { ImpairmentBadge } from './impairment-badge.tsx';
import { RateCells } from './rate-cell.tsx';
import classes from './spaces.module.css';
import { StateDot } from './state-dot.tsx';

export interface InterfaceRowProps {
  readonly space: string;
  readonly subject: Interface;
  readonly selected: boolean;
}

/** One interface; the whole row opens it. */
export const InterfaceRow = memo(function InterfaceRow(props: InterfaceRowProps): ReactNode {
  const { space, subject, selected } = props;
  const { name, kind } = subject;
  const impaired = isImpaired(subject);
  return (
    <li className={classes.row} data-selected={selected} data-impaired={impaired}>
      <div className={classes.identity}>
        <StateDot subject={subject} />
        <button
          type="button"
          className={classes.open}
          aria-label={`${space}/${name}`}
          aria-current={selected}
          onClick={() => select({ space, interface: name })}
        >
          {name}
        </button>
        <span className={classes.kind}>{kind}</span>
      </div>
      <Addresses subject={subject} />
      <RateCells space={space} ifindex={subject.ifindex} />
      <div className={classes.effect}>{impaired && <ImpairmentBadge subject={subject} />}</div>
      <ChevronRight className={classes.chevron} size={17} aria-hidden />
    </li>
  );
});

function Addresses({ subject }: { subject: Interface }): ReactNode {
  const shown = subject.addresses.filter(({ scope }) => scope !== 'link');
  const [first, ...others] = shown.length > 0 ? shown : subject.addresses;
  return (
    <div className={classes.addresses}>
      {first ? (
        <>
          <span className="mono">{`${first.address}/${first.prefixLength}`}</span>
          {others.length > 0 && <span className="muted"> +{others.length}</span>}
        </>
      ) : (
        <span className="muted">no address</span>
      )}
    </div>
  );
}
