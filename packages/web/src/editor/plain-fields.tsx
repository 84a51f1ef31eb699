import { NativeSelect, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { FieldPath } from '../form/fields.ts';
import { useEditing } from './editing.ts';

export interface PlainFieldProps {
  readonly path: FieldPath;
  readonly label: string;
  readonly placeholder?: string;
}

/** A whole number without a unit. */
export function IntegerField({ path, label, placeholder = '' }: PlainFieldProps): ReactNode {
  const { draft, errors, set } = useEditing();
  return (
    <TextInput
      label={label}
      size="xs"
      inputMode="numeric"
      autoComplete="off"
      placeholder={placeholder}
      value={draft[path]}
      error={errors[path]}
      onChange={(event) => set(path, event.currentTarget.value)}
    />
  );
}

export interface ChoiceFieldProps extends PlainFieldProps {
  readonly choices: readonly { readonly value: string; readonly label: string }[];
}

export function ChoiceField({ path, label, choices }: ChoiceFieldProps): ReactNode {
  const { draft, errors, set } = useEditing();
  return (
    <NativeSelect
      label={label}
      size="xs"
      data={[...choices]}
      value={draft[path]}
      error={errors[path]}
      onChange={(event) => set(path, event.currentTarget.value)}
    />
  );
}

export const DISTRIBUTIONS: ChoiceFieldProps['choices'] = [
  { value: '', label: 'uniform' },
  { value: 'normal', label: 'normal' },
  { value: 'pareto', label: 'pareto' },
  { value: 'paretonormal', label: 'paretonormal' },
];
