import { NativeSelect } from '@mantine/core';
import type { ReactNode } from 'react';

export interface KindSelectProps<Kind extends string> {
  readonly label: string;
  readonly kinds: readonly (Kind | { readonly value: Kind; readonly label: string })[];
  /** What is so now: a kind, or anything else for one's own, which is shown but cannot be chosen. */
  readonly now: string;
  readonly disabled: boolean;
  readonly onChoose: (kind: Kind) => void;
}

/** A choice of kinds that have names. */
export function KindSelect<Kind extends string>(props: KindSelectProps<Kind>): ReactNode {
  const { label, kinds, now, disabled, onChoose } = props;
  const options = kinds.map((kind) =>
    typeof kind === 'string' ? { value: kind, label: kind } : kind,
  );
  const isKnown = options.some(({ value }) => value === now);
  return (
    <NativeSelect
      label={label}
      data={isKnown ? options : [...options, { value: now, label: now, disabled: true }]}
      value={now}
      disabled={disabled}
      onChange={({ currentTarget }) => {
        const chosen = options.find(({ value }) => value === currentTarget.value);
        if (chosen) onChoose(chosen.value);
      }}
    />
  );
}
