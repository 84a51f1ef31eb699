import { SegmentedControl } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Checked } from '../form/check.ts';
import { type PerWay, WAY_NAMES, WAYS, type Way } from '../form/ways.ts';
import { WayArrow } from '../spaces/way-arrow.tsx';
import classes from './editor.module.css';

export interface DirectionChoiceProps {
  readonly way: Way;
  readonly checked: PerWay<Checked>;
  readonly onChange: (way: Way) => void;
}

/** Which direction the fields below are of; a dot marks the ones that hold something. */
export function DirectionChoice({ way, checked, onChange }: DirectionChoiceProps): ReactNode {
  return (
    <SegmentedControl<Way>
      fullWidth
      aria-label="Direction"
      value={way}
      onChange={onChange}
      data={WAYS.map((value) => ({
        value,
        label: <DirectionLabel way={value} checked={checked[value]} />,
      }))}
    />
  );
}

function DirectionLabel({ way, checked }: { way: Way; checked: Checked }): ReactNode {
  const state = checked.ok ? (checked.untouched ? undefined : 'set') : 'wrong';
  return (
    <span className={classes.direction}>
      <WayArrow way={way} />
      {WAY_NAMES[way]}
      {state && <span className={classes.mark} data-state={state} aria-hidden />}
    </span>
  );
}
