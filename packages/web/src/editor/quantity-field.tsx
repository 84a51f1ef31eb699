import { Slider, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { FieldPath } from '../form/fields.ts';
import { joinText, type QuantityKind, splitText, typedText, UNITS } from '../form/quantity.ts';
import { positionOf, type Scale, SLIDER_STEPS, textAt } from '../form/slider.ts';
import { useEditing } from './editing.ts';
import classes from './editor.module.css';

export interface QuantityFieldProps {
  readonly path: FieldPath;
  readonly kind: QuantityKind;
  readonly scale: Scale;
  readonly label: string;
  /** The section's own quantity: its heading is the label, its slider is long and has marks. */
  readonly marks?: readonly string[];
  readonly placeholder?: string;
}

/** A number, its unit and a slider: three ways to edit one text such as `100ms`. */
export function QuantityField(props: QuantityFieldProps): ReactNode {
  const { path, kind, scale, label, marks, placeholder } = props;
  const { draft, netem, set } = useEditing();
  const text = draft[path];
  const isMain = marks !== undefined;
  return (
    <div className={isMain ? classes.main : classes.minor}>
      <NumberWithUnit
        path={path}
        kind={kind}
        label={label}
        isMain={isMain}
        placeholder={placeholder ?? 'off'}
      />
      <Slider
        className={classes.slider ?? ''}
        size={isMain ? 6 : 4}
        thumbSize={isMain ? 18 : 14}
        min={0}
        max={SLIDER_STEPS}
        step={1}
        disabled={!netem && kind !== 'rate'}
        value={Math.round(positionOf(text, scale))}
        onChange={(position) => set(path, textAt(position, scale))}
        label={(position) => (position === 0 ? 'not set' : textAt(position, scale))}
        thumbLabel={`${label}, slider`}
        {...(isMain && {
          marks: marks.map((mark) => ({ value: positionOf(mark, scale), label: mark })),
        })}
      />
    </div>
  );
}

interface NumberWithUnitProps {
  readonly path: FieldPath;
  readonly kind: QuantityKind;
  readonly label: string;
  readonly isMain: boolean;
  readonly placeholder: string;
}

function NumberWithUnit({
  path,
  kind,
  label,
  isMain,
  placeholder,
}: NumberWithUnitProps): ReactNode {
  const { draft, errors, set } = useEditing();
  const [unitWhenEmpty, setUnitWhenEmpty] = useState<string>(UNITS[kind][0]);
  const { number, unit } = splitText(draft[path], unitWhenEmpty);
  const units = UNITS[kind].includes(unit) ? UNITS[kind] : [...UNITS[kind], unit];
  const chooseUnit = (chosen: string): void => {
    setUnitWhenEmpty(chosen);
    set(path, joinText({ number, unit: chosen }));
  };
  return (
    <TextInput
      {...(isMain ? { 'aria-label': label } : { label })}
      className={classes.number ?? ''}
      size={isMain ? 'sm' : 'xs'}
      inputMode="decimal"
      autoComplete="off"
      placeholder={placeholder}
      value={number}
      error={errors[path]}
      onChange={(event) => set(path, typedText(event.currentTarget.value, unit, units))}
      rightSectionWidth={units.length > 1 ? 70 : 34}
      rightSection={
        units.length > 1 ? (
          <select
            className={classes.unit}
            aria-label={`${label}, unit`}
            value={unit}
            onChange={(event) => chooseUnit(event.currentTarget.value)}
          >
            {units.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        ) : (
          <span className={classes.onlyUnit}>{unit}</span>
        )
      }
    />
  );
}
