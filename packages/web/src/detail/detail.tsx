import { Button, CloseButton } from '@mantine/core';
import type { Interface, InterfaceRef, Inventory, Space } from '@netweir/api';
import { Ghost } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { useRates } from '../connection/daemon.ts';
import { select } from '../connection/selection.ts';
import { Editor } from '../editor/editor.tsx';
import { Measure } from '../measure/measure.tsx';
import { StateDot } from '../spaces/state-dot.tsx';
import { Containers } from './containers.tsx';
import classes from './detail.module.css';
import { Facts } from './facts.tsx';
import { LinkSwitch } from './link-switch.tsx';
import { RatesNow } from './rates-now.tsx';
import { SpaceProbes } from './space-probes.tsx';
import { WhereToApply } from './where-to-apply.tsx';

export interface DetailProps {
  readonly reference: InterfaceRef;
  readonly inventory: Inventory;
}

/** Everything about one interface, and what can be done to it. */
export default function Detail({ reference, inventory }: DetailProps): ReactNode {
  const space = inventory.spaces.find(({ id }) => id === reference.space);
  const subject = space?.interfaces.find(({ name }) => name === reference.interface);
  return (
    <div className={classes.detail}>
      <Head reference={reference} subject={subject} />
      {space && subject ? (
        <Present space={space} subject={subject} inventory={inventory} />
      ) : (
        <Gone reference={reference} spaceIsThere={space !== undefined} />
      )}
    </div>
  );
}

function Head({
  reference,
  subject,
}: {
  reference: InterfaceRef;
  subject: Interface | undefined;
}): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className={classes.head}>
      <div className={classes.title}>
        <span className="muted">{reference.space}</span>
        <h2 ref={heading} tabIndex={-1} data-autofocus>
          {subject && <StateDot subject={subject} />}
          {reference.interface}
          {subject && <small>{subject.kind}</small>}
        </h2>
      </div>
      {subject && <LinkSwitch reference={reference} subject={subject} />}
      <CloseButton aria-label="Close" size="lg" onClick={() => select(undefined)} />
    </div>
  );
}

interface PresentProps {
  readonly space: Space;
  readonly subject: Interface;
  readonly inventory: Inventory;
}

function Present({ space, subject, inventory }: PresentProps): ReactNode {
  const rates = useRates(space.id, subject.ifindex);
  return (
    <>
      <section className={classes.part} data-part="rates" aria-labelledby="rates">
        <h3 id="rates">Rates</h3>
        <RatesNow rates={rates} />
      </section>
      <section className={classes.part} aria-labelledby="impairment">
        <h3 id="impairment">Impairment</h3>
        <Editor space={space.id} subject={subject} />
      </section>
      <section className={classes.part} aria-labelledby="achieved">
        <h3 id="achieved">Set against achieved</h3>
        <Measure space={space} subject={subject} inventory={inventory} />
      </section>
      <WhereToApply space={space} subject={subject} inventory={inventory} />
      <section className={classes.part} data-part="measured" aria-labelledby="measured">
        <h3 id="measured">Round trips from {space.id}</h3>
        <SpaceProbes space={space} subject={subject} inventory={inventory} />
      </section>
      <Containers space={space} />
      <section className={classes.part} aria-labelledby="facts">
        <h3 id="facts">Facts</h3>
        <Facts subject={subject} counters={rates.counters ?? subject.counters} />
      </section>
    </>
  );
}

function Gone({
  reference,
  spaceIsThere,
}: {
  reference: InterfaceRef;
  spaceIsThere: boolean;
}): ReactNode {
  return (
    <div className={classes.gone} role="status">
      <Ghost size={30} aria-hidden />
      <p>
        {spaceIsThere
          ? `There is no interface ${reference.interface} in ${reference.space} any more.`
          : `The space ${reference.space} is gone, and its interfaces with it.`}
      </p>
      <Button variant="default" onClick={() => select(undefined)}>
        Back to the list
      </Button>
    </div>
  );
}
