import { Button, NativeSelect, Popover, Stack, TextInput } from '@mantine/core';
import { type Probe, ProbeRequest, type Space } from '@netweir/api';
import { useMutation } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { daemon } from '../connection/daemon.ts';
import { ErrorPanel } from '../connection/error-panel.tsx';
import { probeIdFor } from '../live/probe-id.ts';
import classes from './round-trips.module.css';

export interface AddProbeProps {
  readonly spaces: readonly Space[];
  readonly probes: readonly Probe[];
}

export function AddProbe({ spaces, probes }: AddProbeProps): ReactNode {
  const [opened, setOpened] = useState(false);
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-end"
      width={300}
      trapFocus
      shadow="md"
    >
      <Popover.Target>
        <Button
          className={classes.add ?? ''}
          size="xs"
          variant="default"
          leftSection={<Plus size={15} aria-hidden />}
          onClick={() => setOpened(!opened)}
        >
          Add round trip
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Add a round trip">
        <AddProbeForm spaces={spaces} probes={probes} onDone={() => setOpened(false)} />
      </Popover.Dropdown>
    </Popover>
  );
}

function AddProbeForm({
  spaces,
  probes,
  onDone,
}: AddProbeProps & { onDone: () => void }): ReactNode {
  const [space, setSpace] = useState(spaces[0]?.id ?? 'host');
  const [address, setAddress] = useState('');
  const [wrong, setWrong] = useState(false);
  const addition = useMutation({
    mutationFn: () => {
      const request = { space, address: address.trim() };
      return daemon.putProbe(probeIdFor(request, probes), request);
    },
    onSuccess: onDone,
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const isRight = ProbeRequest.safeParse({ space, address: address.trim() }).success;
    setWrong(!isRight);
    if (isRight) addition.mutate();
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <NativeSelect
          label="From space"
          data={spaces.map(({ id }) => id)}
          value={space}
          onChange={(event) => setSpace(event.currentTarget.value)}
        />
        <TextInput
          label="To address"
          placeholder="10.0.0.2"
          data-autofocus
          value={address}
          error={wrong && 'Write an IPv4 or IPv6 address, such as 10.0.0.2.'}
          onChange={(event) => {
            setAddress(event.currentTarget.value);
            setWrong(false);
          }}
        />
        {addition.isError && <ErrorPanel error={addition.error} />}
        <Button type="submit" loading={addition.isPending}>
          Measure
        </Button>
      </Stack>
    </form>
  );
}
