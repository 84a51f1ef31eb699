import { Switch } from '@mantine/core';
import type { Interface, InterfaceRef, LinkState } from '@netweir/api';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { daemon } from '../connection/daemon.ts';
import { TakeDownQuestion } from '../take-down-question.tsx';

/** Takes the link up and down; of the host's own links only after a question. */
export function LinkSwitch({
  reference,
  subject,
}: {
  reference: InterfaceRef;
  subject: Interface;
}): ReactNode {
  const [isAsked, setAsked] = useState(false);
  const change = useMutation({
    mutationFn: (state: LinkState) => daemon.setLink(reference, state),
  });
  const close = (): void => {
    setAsked(false);
    change.reset();
  };
  const set = (state: LinkState): void => {
    setAsked(false);
    change.mutate(state);
  };
  return (
    <TakeDownQuestion
      label="Link"
      isAsked={isAsked}
      error={change.error}
      onYes={() => set('down')}
      onClose={close}
      target={
        <Switch
          label="Link up"
          labelPosition="left"
          checked={subject.up}
          disabled={change.isPending}
          onChange={() => {
            if (subject.up && reference.space === 'host') setAsked(true);
            else set(subject.up ? 'down' : 'up');
          }}
        />
      }
    >
      Take {subject.name} of this machine down? If this page comes to you through it, you lose the
      page and the way back.
    </TakeDownQuestion>
  );
}
