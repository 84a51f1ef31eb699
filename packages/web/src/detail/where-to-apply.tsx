import { Anchor } from '@mantine/core';
import type { Interface, Inventory, Space } from '@netweir/api';
import type { ReactNode } from 'react';
import { select } from '../connection/selection.ts';
import { type OtherEnd, otherEnds } from '../live/application-ends.ts';
import { refKey } from '../live/choice.ts';
import { INTERNAL_MEANS } from '../spaces/network-badge.tsx';
import classes from './detail.module.css';

export interface WhereToApplyProps {
  readonly space: Space;
  readonly subject: Interface;
  readonly inventory: Inventory;
}

/** The other places on the way of a container's packets, and what an impairment there would meet. */
export function WhereToApply({ space, subject, inventory }: WhereToApplyProps): ReactNode {
  if (space.kind === 'host' || space.containers.length === 0) return null;
  const ends = otherEnds(subject, inventory.spaces);
  if (ends.length === 0) return null;
  return (
    <section className={classes.part} aria-labelledby="where">
      <h3 id="where">Where to apply</h3>
      <ul className={classes.ends}>
        <li>
          <strong>{refKey({ space: space.id, interface: subject.name })}</strong>
          <span>
            Here: Sends is what {space.name} sends, Receives is what it gets; nobody else is
            affected.
          </span>
        </li>
        {ends.map((end) => (
          <li key={end.role}>
            <Anchor
              component="button"
              type="button"
              size="sm"
              onClick={() => select(end.reference)}
            >
              {refKey(end.reference)}
            </Anchor>
            <span>{effectOf(end, space.name, subject)}</span>
          </li>
        ))}
      </ul>
      {subject.network?.internal && (
        <p className="muted">
          {subject.network.name} is internal. {INTERNAL_MEANS}
        </p>
      )}
    </section>
  );
}

function effectOf({ role }: OtherEnd, name: string, { network }: Interface): string {
  if (role === 'peer') {
    return `The other end, so turned around: its Sends is what ${name} receives, its Receives what ${name} sends.`;
  }
  const all = network ? `every container of ${network.name}` : 'everything on this bridge';
  const outside = network?.internal ? 'this machine' : 'this machine, and the world behind it,';
  return `The bridge: its Sends is what ${outside} sends to ${all}, its Receives what comes back; what they send each other passes it by.`;
}
