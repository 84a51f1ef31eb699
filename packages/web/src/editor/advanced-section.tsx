import { SegmentedControl, Switch } from '@mantine/core';
import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { DELAY_SCALE } from '../form/slider.ts';
import { useEditing } from './editing.ts';
import classes from './editor.module.css';
import { ChoiceField, DISTRIBUTIONS, IntegerField } from './plain-fields.tsx';
import { QuantityField } from './quantity-field.tsx';

const SLOT_MODES = [
  { value: 'range', label: 'Between two times' },
  { value: 'distribution', label: 'By a distribution' },
];
const SLOT_DISTRIBUTIONS = DISTRIBUTIONS.map(({ value, label }) => ({
  value,
  label: value === '' ? 'choose' : label,
})).toSpliced(1, 0, { value: 'uniform', label: 'uniform' });

/** What few need: the queue's length, marking, a seed, and slots. */
export function AdvancedSection({ seedable }: { seedable: boolean }): ReactNode {
  const { draft, errors, can, set } = useEditing();
  return (
    <details className={classes.advanced}>
      <summary>
        <ChevronRight size={16} aria-hidden />
        Advanced
      </summary>
      <fieldset className={classes.section} disabled={can !== 'all'}>
        <div className={classes.more}>
          <IntegerField
            path="limitPackets"
            label="Queue limit, packets"
            placeholder="from delay and rate"
          />
          <IntegerField
            path="seed"
            label={seedable ? 'Seed' : 'Seed (needs Linux 6.6)'}
            placeholder="random"
          />
        </div>
        <Switch
          mt="sm"
          size="sm"
          label="ECN: mark packets instead of dropping them, where they allow it"
          checked={draft.ecn === 'true'}
          error={errors.ecn}
          onChange={(event) => set('ecn', event.currentTarget.checked ? 'true' : '')}
        />
        <h5 className={classes.subhead}>Slots: packets leave in bursts</h5>
        <SegmentedControl
          className={classes.models ?? ''}
          size="xs"
          fullWidth
          aria-label="Slot times"
          data={SLOT_MODES}
          value={draft['slot.mode']}
          onChange={(value) => set('slot.mode', value)}
        />
        <div className={classes.more}>
          {draft['slot.mode'] === 'range' ? <RangeFields /> : <DistributionFields />}
          <IntegerField
            path="slot.maxPackets"
            label="Packets per slot, at most"
            placeholder="any"
          />
          <IntegerField path="slot.maxBytes" label="Bytes per slot, at most" placeholder="any" />
        </div>
      </fieldset>
    </details>
  );
}

function RangeFields(): ReactNode {
  return (
    <>
      <QuantityField
        path="slot.minDelay"
        kind="duration"
        scale={DELAY_SCALE}
        label="Shortest wait"
      />
      <QuantityField
        path="slot.maxDelay"
        kind="duration"
        scale={DELAY_SCALE}
        label="Longest wait"
        placeholder="as the shortest"
      />
    </>
  );
}

function DistributionFields(): ReactNode {
  return (
    <>
      <QuantityField path="slot.delay" kind="duration" scale={DELAY_SCALE} label="Mean wait" />
      <QuantityField
        path="slot.jitter"
        kind="duration"
        scale={DELAY_SCALE}
        label="Wait, more or less"
      />
      <ChoiceField
        path="slot.distribution"
        label="Wait distribution"
        choices={SLOT_DISTRIBUTIONS}
      />
    </>
  );
}
