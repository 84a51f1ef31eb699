import { SegmentedControl } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import classes from './editor.module.css';

export interface Choice<Value extends string> {
  readonly value: Value;
  readonly label: string;
  readonly explanation: string;
}

export interface ChoiceFieldProps<Value extends string> {
  readonly label: string;
  readonly choices: readonly Choice<Value>[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}

/** One of a few, with a sentence about the one that is chosen. */
export function ChoiceField<Value extends string>({
  label,
  choices,
  value,
  onChange,
}: ChoiceFieldProps<Value>): ReactNode {
  const id = useId();
  return (
    <div className={classes.choice}>
      <span className={classes.fieldLabel} id={id}>
        {label}
      </span>
      <SegmentedControl<Value>
        size="xs"
        fullWidth
        aria-labelledby={id}
        data={choices.map(({ value: one, label: text }) => ({ value: one, label: text }))}
        value={value}
        onChange={onChange}
      />
      <p className={classes.explanation}>
        {choices.find((choice) => choice.value === value)?.explanation}
      </p>
    </div>
  );
}
