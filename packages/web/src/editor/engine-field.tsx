import { SegmentedControl } from '@mantine/core';
import type { EngineChoice } from '@netweir/api';
import { type ReactNode, useId } from 'react';
import classes from './editor.module.css';

const ENGINES: { value: EngineChoice; label: string }[] = [
  { value: 'auto', label: 'Automatic' },
  { value: 'kernel', label: 'Kernel' },
  { value: 'userspace', label: 'Userspace' },
];

const EXPLANATIONS: Readonly<Record<EngineChoice, string>> = {
  auto: "The kernel where it can do all that is set, otherwise netweir's own engine.",
  kernel: "The kernel's own qdiscs, netem or tbf; what is received passes them in an ifb.",
  userspace: "netweir's own engine, in both directions, without any kernel module.",
};

export interface EngineFieldProps {
  readonly engine: EngineChoice;
  readonly onChange: (engine: EngineChoice) => void;
}

/** Who is to do it, in both directions. */
export function EngineField({ engine, onChange }: EngineFieldProps): ReactNode {
  const id = useId();
  return (
    <div className={classes.engine}>
      <span className={classes.fieldLabel} id={id}>
        Engine
      </span>
      <SegmentedControl<EngineChoice>
        size="xs"
        fullWidth
        aria-labelledby={id}
        data={ENGINES}
        value={engine}
        onChange={onChange}
      />
      <p className={classes.explanation}>{EXPLANATIONS[engine]}</p>
    </div>
  );
}
