import { SegmentedControl } from '@mantine/core';
import { Unplug } from 'lucide-react';
import type { ReactNode } from 'react';
import type { FieldPath } from '../form/fields.ts';
import { CHANCE_SCALE, PERCENT_SCALE } from '../form/slider.ts';
import { useEditing } from './editing.ts';
import classes from './editor.module.css';
import { QuantityField } from './quantity-field.tsx';
import { Section } from './section.tsx';
import { CHANCE_MARKS } from './sections.tsx';

const MODELS = [
  { value: 'random', label: 'Random' },
  { value: 'gilbert-elliott', label: 'Gilbert-Elliott' },
  { value: 'state', label: 'State' },
];

type LossField = readonly [path: FieldPath, label: string, otherwise: string];

/** The models' transition probabilities, with what the kernel takes where a field is empty. */
const TRANSITIONS: Readonly<Record<string, readonly LossField[]>> = {
  'gilbert-elliott': [
    ['loss.p', 'p: good to bad', ''],
    ['loss.r', 'r: bad to good', '100 − p'],
    ['loss.lossInBad', 'Loss in bad', '100'],
    ['loss.lossInGood', 'Loss in good', '0'],
  ],
  state: [
    ['loss.p13', 'p13: good to burst', ''],
    ['loss.p31', 'p31: burst to good', '100 − p13'],
    ['loss.p32', 'p32: burst to gap', '0'],
    ['loss.p23', 'p23: gap to burst', '100'],
    ['loss.p14', 'p14: single loss', '0'],
  ],
};

export function LossSection(): ReactNode {
  const { draft, set } = useEditing();
  const model = draft['loss.model'];
  const transitions = TRANSITIONS[model];
  return (
    <Section
      name="loss"
      title="Loss"
      hint="never arrives"
      icon={Unplug}
      more={
        !transitions && (
          <QuantityField
            path="loss.correlation"
            kind="percent"
            scale={PERCENT_SCALE}
            label="Loss correlation"
          />
        )
      }
    >
      <SegmentedControl
        className={classes.models ?? ''}
        size="xs"
        fullWidth
        aria-label="Loss model"
        data={MODELS}
        value={model}
        onChange={(value) => set('loss.model', value)}
      />
      {transitions ? (
        <div className={classes.more}>
          {transitions.map(([path, label, placeholder]) => (
            <QuantityField
              key={path}
              path={path}
              kind="percent"
              scale={CHANCE_SCALE}
              label={label}
              placeholder={placeholder}
            />
          ))}
        </div>
      ) : (
        <QuantityField
          path="loss.probability"
          kind="percent"
          scale={CHANCE_SCALE}
          label="Loss"
          marks={CHANCE_MARKS}
        />
      )}
    </Section>
  );
}
