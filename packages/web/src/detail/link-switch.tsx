import { Button, Group, Popover, Stack, Switch, Text } from '@mantine/core';
import type { Interface, InterfaceRef, LinkState } from '@netweir/api';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { daemon } from '../connection/daemon.ts';
import { ErrorPanel } from '../connection/error-panel.tsx';

/** Takes the link up and down; of the host's own links only after a question. */
export function LinkSwitch({
  reference,
  subject,
}: {
  reference: InterfaceRef;
  subject: Interface;
}): ReactNode {
  const [asked, setAsked] = useState(false);
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
    <Popover
      opened={asked || change.isError}
      onChange={close}
      width={300}
      position="bottom-end"
      shadow="md"
    >
      <Popover.Target>
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
      </Popover.Target>
      <Popover.Dropdown aria-label="Link">
        {change.isError ? (
          <ErrorPanel error={change.error} />
        ) : (
          <Stack gap="xs">
            <Text size="sm">
              Take {subject.name} of this machine down? If this page comes to you through it, you
              lose the page and the way back.
            </Text>
            <Group gap="xs">
              <Button size="xs" color="red" onClick={() => set('down')}>
                Take it down
              </Button>
              <Button size="xs" variant="default" onClick={close}>
                Leave it up
              </Button>
            </Group>
          </Stack>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
