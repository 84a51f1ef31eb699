import type { Capabilities } from '@netweir/api';
import type { ReactNode } from 'react';
import { takesSeeds } from '../form/offer.ts';
import { AdvancedSection } from './advanced-section.tsx';
import { DirectionChoice } from './direction-choice.tsx';
import { EditingContext } from './editing.ts';
import { LeaseField } from './lease.tsx';
import { LossSection } from './loss-section.tsx';
import { Means } from './means.tsx';
import {
  CorruptSection,
  DelaySection,
  DuplicateSection,
  RateSection,
  ReorderSection,
} from './sections.tsx';
import type { FieldsState } from './use-editor.ts';

export interface FieldsProps {
  readonly state: FieldsState;
  readonly capabilities: Capabilities | undefined;
  /** A lab keeps its conditions by its own engine, for as long as it runs. */
  readonly ofLab?: boolean;
}

/** Everything that an impairment can be made of. */
export function Fields({ state, capabilities, ofLab = false }: FieldsProps): ReactNode {
  const { way, checked, engine, lease } = state;
  const isRateFirst = state.offer.can === 'rate';
  return (
    <EditingContext value={state.editing}>
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
        onEngine={ofLab ? undefined : state.setEngine}
      />
      {!ofLab && <LeaseField lease={lease} onChange={state.setLease} />}
    </EditingContext>
  );
}
