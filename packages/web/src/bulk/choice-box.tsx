import type { InterfaceRef } from '@netweir/api';
import type { ReactNode } from 'react';
import classes from './bulk.module.css';
import { choose, useIsChoosing, useIsChosen, useTally } from './choice-store.ts';

/** Chooses one interface; there while the user chooses. */
export function ChoiceBox({ space, name }: { space: string; name: string }): ReactNode {
  return useIsChoosing() && <BoxOfOne reference={{ space, interface: name }} />;
}

function BoxOfOne({ reference }: { reference: InterfaceRef }): ReactNode {
  return (
    <Box
      label={`Select ${reference.space}/${reference.interface}`}
      state={useIsChosen(reference) ? 'all' : 'none'}
      onChange={(isChosen) => choose([reference], isChosen)}
    />
  );
}

export interface ChoiceOfAllProps {
  readonly of: string;
  readonly choosable: readonly InterfaceRef[];
}

/** Chooses everything that is shown of a group or a space. */
export function ChoiceOfAll(props: ChoiceOfAllProps): ReactNode {
  return useIsChoosing() && props.choosable.length > 0 && <BoxOfAll {...props} />;
}

function BoxOfAll({ of, choosable }: ChoiceOfAllProps): ReactNode {
  return (
    <Box
      label={`Select all of ${of} but loopbacks`}
      state={useTally(choosable)}
      onChange={(isChosen) => choose(choosable, isChosen)}
    />
  );
}

interface BoxProps {
  readonly label: string;
  readonly state: 'none' | 'some' | 'all';
  readonly onChange: (isChosen: boolean) => void;
}

/** The browser's own box: a list may have thousands. */
function Box({ label, state, onChange }: BoxProps): ReactNode {
  return (
    <input
      ref={(box) => {
        if (box) box.indeterminate = state === 'some';
      }}
      type="checkbox"
      className={classes.box}
      aria-label={label}
      title={label}
      checked={state === 'all'}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}
