import { Checkbox } from '@mantine/core';
import type { InterfaceRef } from '@netweir/api';
import type { ReactNode } from 'react';
import classes from './bulk.module.css';
import { choose, useIsChoosing, useIsChosen, useTally } from './choice-store.ts';

/** Chooses one interface; there while the user chooses. */
export function ChoiceBox({ space, name }: { space: string; name: string }): ReactNode {
  return useIsChoosing() && <Box reference={{ space, interface: name }} />;
}

function Box({ reference }: { reference: InterfaceRef }): ReactNode {
  return (
    <Checkbox
      className={classes.box ?? ''}
      size="xs"
      aria-label={`Select ${reference.space}/${reference.interface}`}
      checked={useIsChosen(reference)}
      onChange={(event) => choose([reference], event.currentTarget.checked)}
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
  const chosen = useTally(choosable);
  return (
    <Checkbox
      className={classes.box ?? ''}
      size="xs"
      aria-label={`Select all of ${of} but loopbacks`}
      checked={chosen === 'all'}
      indeterminate={chosen === 'some'}
      onChange={() => choose(choosable, chosen !== 'all')}
    />
  );
}
