import { Button } from '@mantine/core';
import type { Capabilities } from '@netweir/api';
import { Copy } from 'lucide-react';
import type { ReactNode } from 'react';
import { OTHER_WAY, type PerWay, WAY_NAMES, WAYS, type Way } from '../form/ways.ts';
import { WayArrow } from '../spaces/way-arrow.tsx';
import { AdvancedSection } from './advanced-section.tsx';
import classes from './directions.module.css';
import { type Editing, EditingContext, useEditing } from './editing.ts';
import { LossSection } from './loss-section.tsx';
import { Means } from './means.tsx';
import {
  CorruptSection,
  DelaySection,
  DuplicateSection,
  RateSection,
  ReorderSection,
} from './sections.tsx';

export interface DirectionsProps {
  readonly ways: PerWay<Editing>;
  readonly capabilities: Capabilities | undefined;
  readonly seedable: boolean;
}

/** The fields of both directions, side by side where there is room. */
export function Directions({ ways, capabilities, seedable }: DirectionsProps): ReactNode {
  return (
    <div className={classes.room}>
      <div className={classes.directions}>
        {WAYS.map((way) => (
          <EditingContext key={way} value={ways[way]}>
            <DirectionFields way={way} capabilities={capabilities} seedable={seedable} />
          </EditingContext>
        ))}
      </div>
    </div>
  );
}

interface DirectionFieldsProps extends Omit<DirectionsProps, 'ways'> {
  readonly way: Way;
}

function DirectionFields({ way, capabilities, seedable }: DirectionFieldsProps): ReactNode {
  const { offer } = useEditing();
  const isRateFirst = offer.can === 'rate';
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot take part in a subgrid
    <div className={classes.direction} role="group" aria-label={WAY_NAMES[way]}>
      <div>
        <Head way={way} />
        {capabilities && <Means capabilities={capabilities} offer={offer} />}
      </div>
      {isRateFirst && <RateSection />}
      <DelaySection />
      <LossSection />
      {!isRateFirst && <RateSection />}
      <ReorderSection />
      <DuplicateSection />
      <CorruptSection />
      <AdvancedSection seedable={seedable} />
    </div>
  );
}

function Head({ way }: { way: Way }): ReactNode {
  const { checked, copyToOther } = useEditing();
  const state = checked.ok ? (checked.untouched ? undefined : 'set') : 'wrong';
  return (
    <div className={classes.head}>
      <h4>
        <WayArrow way={way} />
        {WAY_NAMES[way]}
        {state && <span className={classes.mark} data-state={state} aria-hidden />}
      </h4>
      {state && (
        <Button
          variant="subtle"
          size="compact-xs"
          leftSection={<Copy size={13} aria-hidden />}
          onClick={copyToOther}
        >
          Copy to {WAY_NAMES[OTHER_WAY[way]]}
        </Button>
      )}
    </div>
  );
}
