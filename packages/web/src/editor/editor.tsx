import type { Interface } from '@netweir/api';
import { type ReactNode, useMemo } from 'react';
import { takesSeeds } from '../form/offer.ts';
import { Actions } from './actions.tsx';
import { AdvancedSection } from './advanced-section.tsx';
import { DirectionChoice } from './direction-choice.tsx';
import { EditingContext } from './editing.ts';
import classes from './editor.module.css';
import { LeaseField } from './lease.tsx';
import { LossSection } from './loss-section.tsx';
import { Means, useCapabilities } from './means.tsx';
import { Now } from './now.tsx';
import {
  CorruptSection,
  DelaySection,
  DuplicateSection,
  RateSection,
  ReorderSection,
} from './sections.tsx';
import { useEditor } from './use-editor.ts';

/** What an interface does to its packets: what is, what is wanted each way, Apply and Clear. */
export function Editor({ space, subject }: { space: string; subject: Interface }): ReactNode {
  const reference = useMemo(() => ({ space, interface: subject.name }), [space, subject.name]);
  const capabilities = useCapabilities();
  const state = useEditor(reference, subject, capabilities);
  const { way, checked, engine, lease } = state;
  const isRateFirst = state.offer.can === 'rate';
  return (
    <EditingContext value={state.editing}>
      <form
        className={classes.editor}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          state.apply.mutate();
        }}
      >
        <Now reference={reference} subject={subject} />
        <DirectionChoice way={way} checked={checked} onChange={state.setWay} />
        {capabilities && <Means capabilities={capabilities} offer={state.offer} />}
        {isRateFirst && <RateSection />}
        <DelaySection />
        <LossSection />
        {!isRateFirst && <RateSection />}
        <ReorderSection />
        <DuplicateSection />
        <CorruptSection />
        <AdvancedSection
          seedable={takesSeeds(capabilities, engine)}
          engine={engine}
          onEngine={state.setEngine}
        />
        <LeaseField lease={lease} onChange={state.setLease} />
        <Actions state={state} now={subject} />
      </form>
    </EditingContext>
  );
}
