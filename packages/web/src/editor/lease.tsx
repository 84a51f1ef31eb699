import { SegmentedControl, TextInput } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import { type Lease, leaseProblem } from '../form/lease.ts';
import classes from './editor.module.css';

const KEEP = { value: 'keep', label: 'As now' };
const LEASES = [
  { value: '', label: 'Until cleared' },
  { value: '1m', label: '1 min' },
  { value: '5m', label: '5 min' },
  { value: '30m', label: '30 min' },
  { value: 'custom', label: 'Other' },
];

export interface LeaseFieldProps {
  readonly lease: Lease;
  /** Whether there is an end already, which can be left as it is. */
  readonly hasEnd: boolean;
  readonly onChange: (lease: Lease) => void;
}

/** For how long; after that the original comes back by itself. */
export function LeaseField({ lease, hasEnd, onChange }: LeaseFieldProps): ReactNode {
  const id = useId();
  return (
    <div className={classes.lease}>
      <span className={classes.fieldLabel} id={id}>
        For how long
      </span>
      <SegmentedControl
        size="xs"
        fullWidth
        aria-labelledby={id}
        data={hasEnd ? [KEEP, ...LEASES] : LEASES}
        value={lease.choice}
        onChange={(choice) => onChange({ ...lease, choice })}
      />
      {lease.choice === 'custom' && (
        <TextInput
          mt={8}
          size="xs"
          aria-label="Time until it ends"
          placeholder="90s, 10m or 1h"
          value={lease.custom}
          error={leaseProblem(lease)}
          onChange={(event) => onChange({ ...lease, custom: event.currentTarget.value })}
        />
      )}
    </div>
  );
}
