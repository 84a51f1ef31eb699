import type { Interface } from '@netweir/api';
import { ChevronRight } from 'lucide-react';
import { memo, type ReactNode, useRef } from 'react';
import { ChoiceBox } from '../bulk/choice-box.tsx';
import { select } from '../connection/selection.ts';
import { isImpaired } from '../form/ways.ts';
import { ImpairmentBadge } from './impairment-badge.tsx';
import { NetworkBadge } from './network-badge.tsx';
import { RateCells } from './rate-cell.tsx';
import classes from './spaces.module.css';
import { StateDot } from './state-dot.tsx';
import { useInSight } from './use-in-sight.ts';

export interface InterfaceRowProps {
  readonly space: string;
  readonly subject: Interface;
  readonly selected: boolean;
}

/** One interface; the whole row opens it. */
export const InterfaceRow = memo(function InterfaceRow(props: InterfaceRowProps): ReactNode {
  const { space, subject, selected } = props;
  const { name, kind, network } = subject;
  const impaired = isImpaired(subject);
  const row = useRef<HTMLLIElement>(null);
  const inSight = useInSight(row);
  return (
    <li ref={row} className={classes.row} data-selected={selected} data-impaired={impaired}>
      <div className={classes.identity}>
        <ChoiceBox space={space} name={name} />
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
      <div className={classes.addresses}>
        <Addresses subject={subject} />
        {network && <NetworkBadge network={network} />}
      </div>
      <RateCells space={space} ifindex={subject.ifindex} isLive={inSight} />
      <div className={classes.effect}>{impaired && <ImpairmentBadge subject={subject} />}</div>
      <ChevronRight className={classes.chevron} size={17} aria-hidden />
    </li>
  );
});

function Addresses({ subject }: { subject: Interface }): ReactNode {
  const shown = subject.addresses.filter(({ scope }) => scope !== 'link');
  const [first, ...others] = shown.length > 0 ? shown : subject.addresses;
  if (!first) return <span className="muted">no address</span>;
  return (
    <span className={classes.address}>
      <span className="mono">{`${first.address}/${first.prefixLength}`}</span>
      {others.length > 0 && <span className="muted"> +{others.length}</span>}
    </span>
  );
}
