import { Anchor } from '@mantine/core';
import { bridgeOf, type Interface, type Inventory, otherEnd, type Space } from '@netweir/api';
import type { ReactNode } from 'react';
import { select } from '../connection/selection.ts';
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
  const end = otherEnd(inventory, subject);
  if (!end) return null;
  const bridge = bridgeOf(end);
  const places = [
    { at: end, effect: effectAtEnd(space.name) },
    ...(bridge ? [{ at: bridge, effect: effectAtBridge(subject) }] : []),
  ].map(({ at, effect }) => ({
    ref: { space: at.space.id, interface: at.interface.name },
    effect,
  }));
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
        {places.map(({ ref, effect }) => (
          <li key={refKey(ref)}>
            <Anchor component="button" type="button" size="sm" onClick={() => select(ref)}>
              {refKey(ref)}
            </Anchor>
            <span>{effect}</span>
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

function effectAtEnd(name: string): string {
  return `The other end, so turned around: its Sends is what ${name} receives, its Receives what ${name} sends.`;
}

function effectAtBridge({ network }: Interface): string {
  const all = network ? `every container of ${network.name}` : 'everything on this bridge';
  const outside = network?.internal ? 'this machine' : 'this machine, and the world behind it,';
  return `The bridge: its Sends is what ${outside} sends to ${all}, its Receives what comes back; what they send each other passes it by.`;
}
