import { Input, Slider, TextInput } from '@mantine/core';
import { type ReactNode, useId, useState } from 'react';
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
  const { draft, errors, can, set } = useEditing();
  const errorId = useId();
  const error = errors[path];
  const text = draft[path];
  const isMain = marks !== undefined;
  return (
    <div className={isMain ? classes.main : classes.minor}>
      <NumberWithUnit
        path={path}
        kind={kind}
        label={label}
        isMain={isMain}
        errorId={error === undefined ? undefined : errorId}
        placeholder={placeholder ?? 'off'}
      />
      <Slider
        className={classes.slider ?? ''}
        size={isMain ? 6 : 4}
        thumbSize={isMain ? 18 : 14}
        min={0}
        max={SLIDER_STEPS}
        step={1}
        disabled={can === 'nothing' || (can === 'rate' && kind !== 'rate')}
        value={Math.round(positionOf(text, scale))}
        onChange={(position) => set(path, textAt(position, scale))}
        label={(position) => (position === 0 ? 'not set' : textAt(position, scale))}
        thumbLabel={`${label}, slider`}
        thumbProps={{ 'aria-valuetext': text || 'not set' }}
        {...(isMain && {
          marks: marks.map((mark) => ({ value: positionOf(mark, scale), label: mark })),
        })}
      />
      {error !== undefined && (
        <Input.Error id={errorId} className={classes.error ?? ''}>
          {error}
        </Input.Error>
      )}
    </div>
  );
}

interface NumberWithUnitProps {
  readonly path: FieldPath;
  readonly kind: QuantityKind;
  readonly label: string;
  readonly isMain: boolean;
  /** The element that says what is wrong. */
  readonly errorId: string | undefined;
  readonly placeholder: string;
}

/** What was typed last, as it was typed, and what it was taken for. */
interface Typed {
  readonly raw: string;
  readonly text: string;
}

function NumberWithUnit(props: NumberWithUnitProps): ReactNode {
  const { path, kind, label, isMain, errorId, placeholder } = props;
  const { draft, set } = useEditing();
  const [unitWhenEmpty, setUnitWhenEmpty] = useState<string>(UNITS[kind][0]);
  const [typed, setTyped] = useState<Typed>();
  const { number, unit } = splitText(draft[path], unitWhenEmpty);
  const units = UNITS[kind].includes(unit) ? UNITS[kind] : [...UNITS[kind], unit];
  // A unit that is half typed must stay in the field until it is whole.
  const shown = typed?.text === draft[path] ? typed.raw : number;
  const type = (raw: string): void => {
    const text = typedText(raw, unit);
    setTyped({ raw, text });
    set(path, text);
  };
  const chooseUnit = (chosen: string): void => {
    setUnitWhenEmpty(chosen);
    set(path, joinText({ number, unit: chosen }));
  };
  return (
    <TextInput
      {...(isMain ? { 'aria-label': label } : { label })}
      {...(errorId !== undefined && { 'aria-describedby': errorId })}
      className={classes.number ?? ''}
      size={isMain ? 'sm' : 'xs'}
      inputMode="decimal"
      autoComplete="off"
      placeholder={placeholder}
      value={shown}
      error={errorId !== undefined}
      onChange={(event) => type(event.currentTarget.value)}
      onBlur={() => UNITS[kind].includes(unit) && setTyped(undefined)}
      rightSectionWidth={units.length > 1 ? 70 : 34}
      rightSection={
        units.length > 1 ? (
          <UnitChoice label={label} units={units} unit={unit} onChoose={chooseUnit} />
        ) : (
          <span className={classes.onlyUnit}>{unit}</span>
        )
      }
    />
  );
}

interface UnitChoiceProps {
  readonly label: string;
  readonly units: readonly string[];
  readonly unit: string;
  readonly onChoose: (unit: string) => void;
}

function UnitChoice({ label, units, unit, onChoose }: UnitChoiceProps): ReactNode {
  return (
    <select
      className={classes.unit}
      aria-label={`${label}, unit`}
      value={unit}
      onChange={(event) => onChoose(event.currentTarget.value)}
    >
      {units.map((one) => (
        <option key={one}>{one}</option>
      ))}
    </select>
  );
}
