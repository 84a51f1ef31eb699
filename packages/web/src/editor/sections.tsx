import { Copy, Gauge, Hourglass, Shuffle, Zap } from 'lucide-react';
import type { ReactNode } from 'react';
import { CHANCE_SCALE, DELAY_SCALE, PERCENT_SCALE, RATE_SCALE } from '../form/slider.ts';
import { ChoiceField, DISTRIBUTIONS, IntegerField } from './plain-fields.tsx';
import { QuantityField } from './quantity-field.tsx';
import { Section } from './section.tsx';

const DELAY_REORDERINGS = [
  { value: '', label: 'overtake by jitter' },
  { value: 'none', label: 'kept' },
];

export const CHANCE_MARKS: readonly string[] = ['0.1%', '1%', '10%', '100%'];

export function DelaySection(): ReactNode {
  return (
    <Section
      name="delay"
      title="Delay"
      hint="each packet waits"
      icon={Hourglass}
      more={
        <>
          <QuantityField
            path="delay.jitter"
            kind="duration"
            scale={DELAY_SCALE}
            label="Jitter, more or less"
          />
          <QuantityField
            path="delay.correlation"
            kind="percent"
            scale={PERCENT_SCALE}
            label="Delay correlation"
          />
          <ChoiceField
            path="delay.distribution"
            label="Jitter distribution"
            choices={DISTRIBUTIONS}
          />
          <ChoiceField path="delay.reorder" label="Order of packets" choices={DELAY_REORDERINGS} />
        </>
      }
    >
      <QuantityField
        path="delay.mean"
        kind="duration"
        scale={DELAY_SCALE}
        label="Delay"
        marks={['1ms', '10ms', '100ms', '1s', '10s']}
      />
    </Section>
  );
}

export function RateSection(): ReactNode {
  return (
    <Section
      name="rate"
      title="Rate"
      hint="no faster than"
      icon={Gauge}
      withoutNetem
      more={
        <>
          <IntegerField
            path="rate.packetOverheadBytes"
            label="Overhead per packet, bytes"
            placeholder="0"
          />
          <IntegerField path="rate.cellBytes" label="Cell size, bytes" placeholder="none" />
          <IntegerField
            path="rate.cellOverheadBytes"
            label="Overhead per cell, bytes"
            placeholder="0"
          />
        </>
      }
    >
      <QuantityField
        path="rate.rate"
        kind="rate"
        scale={RATE_SCALE}
        label="Rate"
        marks={['100kbit', '1mbit', '10mbit', '100mbit', '1gbit']}
      />
    </Section>
  );
}

export function DuplicateSection(): ReactNode {
  return (
    <Section
      name="duplicate"
      title="Duplicate"
      hint="two of the same"
      icon={Copy}
      more={<Correlation path="duplicate.correlation" label="Duplicate correlation" />}
    >
      <Chance path="duplicate.probability" label="Duplicate" />
    </Section>
  );
}

export function CorruptSection(): ReactNode {
  return (
    <Section
      name="corrupt"
      title="Corrupt"
      hint="one bit turned over"
      icon={Zap}
      more={<Correlation path="corrupt.correlation" label="Corrupt correlation" />}
    >
      <Chance path="corrupt.probability" label="Corrupt" />
    </Section>
  );
}

export function ReorderSection(): ReactNode {
  return (
    <Section
      name="reorder"
      title="Reorder"
      hint="overtakes; needs a delay"
      icon={Shuffle}
      more={
        <>
          <Correlation path="reorder.correlation" label="Reorder correlation" />
          <IntegerField path="reorder.gap" label="Gap: every nth packet" placeholder="1" />
        </>
      }
    >
      <Chance path="reorder.probability" label="Reorder" />
    </Section>
  );
}

type ChancePath = 'duplicate.probability' | 'corrupt.probability' | 'reorder.probability';
type CorrelationPath = 'duplicate.correlation' | 'corrupt.correlation' | 'reorder.correlation';

function Chance({ path, label }: { path: ChancePath; label: string }): ReactNode {
  return (
    <QuantityField
      path={path}
      kind="percent"
      scale={CHANCE_SCALE}
      label={label}
      marks={CHANCE_MARKS}
    />
  );
}

function Correlation({ path, label }: { path: CorrelationPath; label: string }): ReactNode {
  return <QuantityField path={path} kind="percent" scale={PERCENT_SCALE} label={label} />;
}
