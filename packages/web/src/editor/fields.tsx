import type { Capabilities } from '@netweir/api';
import type { ReactNode } from 'react';
import { takesSeeds } from '../form/offer.ts';
import { Directions } from './directions.tsx';
import { Options } from './options.tsx';
import { RulesSection } from './rules/rules-section.tsx';
import type { FieldsState } from './use-fields.ts';

export interface FieldsProps {
  readonly state: FieldsState;
  readonly capabilities: Capabilities | undefined;
  /** A lab keeps its conditions by its own engine, for as long as it runs. */
  readonly ofLab?: boolean;
}

/** Everything that an impairment can be made of. */
export function Fields({ state, capabilities, ofLab = false }: FieldsProps): ReactNode {
  const seedable = takesSeeds(capabilities, state.engine);
  return (
    <>
      <Directions ways={state.ways} capabilities={capabilities} seedable={seedable} />
      {!ofLab && (
        <>
          <RulesSection rules={state.rules} seedable={seedable} />
          <Options state={state} />
        </>
      )}
    </>
  );
}
