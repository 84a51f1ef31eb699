import { Button, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { mtuChange } from '../model/changes.ts';
import { useChange } from '../use-change.ts';
import classes from './panel.module.css';
import { Part } from './part.tsx';

export interface MtuFieldProps {
  readonly node: string;
  readonly name: string;
  readonly mtu: number;
}

export function MtuField({ node, name, mtu }: MtuFieldProps): ReactNode {
  const change = useChange();
  const [written, write] = useState({ text: '', over: 0 });
  // What was written over another MTU is of no use any more.
  const text = written.over === mtu ? written.text : String(mtu);
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
          onChange={({ currentTarget }) => write({ text: currentTarget.value, over: mtu })}
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
