import { Switch } from '@mantine/core';
import type { LabInterface } from '@netweir/api';
import type { ReactNode } from 'react';
import type { Change } from '../use-change.ts';

export interface UpSwitchProps {
  readonly node: string;
  readonly subject: LabInterface;
  readonly change: Change;
  readonly label: string;
  /** What it is called where its label does not say of which interface it is. */
  readonly name?: string;
}

/** Takes an interface of a node up and down. */
export function UpSwitch({ node, subject, change, label, name }: UpSwitchProps): ReactNode {
  const { up } = subject;
  return (
    <Switch
      label={label}
      labelPosition="left"
      aria-label={name}
      checked={up}
      disabled={change.isPending}
      onChange={() =>
        change.mutate({
          type: 'link',
          node,
          interface: subject.name,
          state: up ? 'down' : 'up',
        })
      }
    />
  );
}
