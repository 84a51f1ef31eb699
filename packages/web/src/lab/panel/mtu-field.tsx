import { Button, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { mtuChange } from '../model/changes.ts';
import { useChange } from '../use-change.ts';
import classes from './panel.module.css';
import { Part } from './part.tsx';
import { useWritten } from './use-written.ts';

export interface MtuFieldProps {
  readonly node: string;
  readonly name: string;
  readonly mtu: number;
}

export function MtuField({ node, name, mtu }: MtuFieldProps): ReactNode {
  const change = useChange();
  const [text, write] = useWritten(String(mtu));
  const asked = mtuChange(node, name, text);
  const isSame = text.trim() === String(mtu);
  return (
    <Part title="MTU" change={change}>
      <form
        className={classes.row}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if ('change' in asked && !isSame) change.mutate(asked.change);
        }}
      >
        <TextInput
          label="Bytes"
          inputMode="numeric"
          value={text}
          error={'problem' in asked && asked.problem}
          onChange={({ currentTarget }) => write(currentTarget.value)}
        />
        <Button
          type="submit"
          variant="default"
          disabled={'problem' in asked || isSame}
          loading={change.isPending}
        >
          Set the MTU
        </Button>
      </form>
    </Part>
  );
}
